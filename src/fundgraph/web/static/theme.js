try{const t=localStorage.getItem("fundgraph-theme");(t==="light"||t==="dark")&&(document.documentElement.dataset.theme=t)}catch{}
