"use client";

/** When even the frame has failed: no styles, no languages, only the way back. */
export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <h1>SkyClust</h1>
        <p>Something went wrong on this page. Reload it.</p>
        <p lang="ko">이 페이지에서 문제가 발생했습니다. 새로고침하세요.</p>
      </body>
    </html>
  );
}
