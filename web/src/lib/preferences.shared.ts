// What both the server's half of the page (the build) and the browser need of the preferences.

export const KEYS = { locale: "skyclust.locale", theme: "skyclust.theme", workspace: "skyclust.workspace" } as const;

/** Runs before the first paint, as text in the page's head: no flash of the wrong theme. */
export const THEME_SCRIPT = `(function(){var t=null;try{t=localStorage.getItem("${KEYS.theme}")}catch(e){}
if(t!=="dark"&&t!=="light")t=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light";
document.documentElement.dataset.theme=t})()`;
