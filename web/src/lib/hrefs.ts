// Addresses of pages about one thing: the id is in the query, because the export has one file for a page (ADR 0019).
const about = (page: string) => (id: string) => `${page}?id=${encodeURIComponent(id)}`;

export const clusterHref = about("/clusters/view/");
export const operationHref = about("/operations/view/");
