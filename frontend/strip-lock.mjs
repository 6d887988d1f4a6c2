/* Take the addresses that npm leaves (of sponsors) out of package-lock.json: versions and checksums say what is
 * meant, and whichever registry npm is set to may deliver it. Run as: npm run lock */
import { readFile, writeFile } from "node:fs/promises";

const lock = JSON.parse(await readFile("package-lock.json", "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
  delete entry.funding;
}
await writeFile("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
