"""set.html: all pieces of a set on one page, with pictures inside, in the language of the prompt."""

from __future__ import annotations

import base64
import html
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.height.shade import shade
from ..core.library import table
from ..core.translate import translate

if TYPE_CHECKING:
    from .pieces_set import Made

_WORDS = {
    "en": {"ring": "Ring", "pendant": "Pendant", "earrings": "Earrings", "bracelet": "Bracelet", "bangle": "Bangle", "cuff": "Cuff", "medallion": "Medallion",
           "bead": "Bead", "weight": "Weight", "all": "All pieces", "each": "each", "metal": "Metal", "ok": "passed all checks", "fail": "needs a change",
           "report": "Report and files", "made": "Made with JewelGen", "seed": "seed", "total": "Weight of the set in each metal"},
    "zh": {"ring": "戒指", "pendant": "吊坠", "earrings": "耳环", "bracelet": "手链", "bangle": "手镯", "cuff": "开口手镯", "medallion": "圆章", "bead": "珠子", "weight": "重量",
           "all": "整套", "each": "每件", "metal": "金属", "ok": "检查全部通过", "fail": "需修改", "report": "报告与文件", "made": "由 JewelGen 制作", "seed": "种子",
           "total": "整套在各种金属中的重量"},
}  # fmt: skip
_STYLE = """
:root{color-scheme:light dark}body{margin:0;font:16px/1.5 Georgia,'Noto Serif CJK SC','Songti SC',serif;background:#f6f3ee;color:#25211c}
main{max-width:70rem;margin:auto;padding:2rem 1.2rem 3rem}h1{font-weight:500;font-size:1.7rem;margin:0 0 .2rem}h2{font-weight:500;font-size:1.15rem;margin:.6rem 0 .2rem}
p{margin:.15rem 0;color:#7a6f60}.all{display:grid;gap:1.6rem;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));margin:1.6rem 0}
img{width:100%;aspect-ratio:1;object-fit:contain;border-radius:6px;display:block;background:#e9e3d8}a{color:inherit}table{border-collapse:collapse}
td{padding:.25rem 1.4rem .25rem 0;border-bottom:1px solid #ded6c9}.own{font-weight:700}.ok{color:#3d7a4b}.fail{color:#b1412c}footer{margin-top:2.4rem;color:#7a6f60;font-size:.85em}
@media(prefers-color-scheme:dark){body{background:#1c1a18;color:#ece6dc}td{border-color:#3a352f}p,footer{color:#a79b8a}img{background:#2a2622}.ok{color:#86c495}.fail{color:#e58a76}}
"""
_SIDE = 720  # px of a picture on the page


def page_of(facts: dict[str, Any], made: list[Made], folder: Path) -> str:
    """The page as HTML; the pieces' own files lie in ``folder``/NAME."""
    prompt = facts["prompt"]
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in prompt) else "en"
    w, alloys = _WORDS[language], table("alloys")["alloys"]
    cards = [_card(m, folder / m.name, w, language) for m in made]
    rows = [
        f"<tr{' class=own' if metal == facts['metal'] else ''}><td>{_safe(alloys[metal][language])}</td><td>{grams:.2f} g</td></tr>"
        for metal, grams in facts["weight_in_g"].items()
    ]
    title = prompt or " · ".join(w[m.name] for m in made)
    return (
        f'<!doctype html><html lang="{"zh-Hans" if language == "zh" else "en"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_safe(title)}</title><style>{_STYLE}</style><main><h1>{_safe(title)}</h1>"
        f"<p>{_safe(alloys[facts['metal']][language])} · {w['all']} {facts['weight_g']:.2f} g</p><div class=all>{''.join(cards)}</div>"
        f"<h2>{w['total']}</h2><table>{''.join(rows)}</table>"
        f"<footer>{w['made']} {_safe(facts['version'])} · {w['seed']} {facts['seed']}</footer></main></html>\n"
    )


def _card(m: Made, folder: Path, w: dict[str, str], language: str) -> str:
    facts, state = m.facts, "ok" if m.piece.report.ok else "fail"
    many = f" × {m.count}" if m.count > 1 else ""
    shape = translate(facts["shape"], language)
    return (
        f'<div><a href="{m.name}/report.html"><img alt="" src="{_picture(m, folder)}"></a><h2>{w[m.name]}{many}</h2>'
        f"<p>{_safe(shape)} · {' × '.join(f'{v:.1f}' for v in facts['size_mm'])} mm</p><p>{facts['weight_g']:.2f} g{' ' + w['each'] if m.count > 1 else ''}</p>"
        f'<p class={state}>{w[state]}</p><p><a href="{m.name}/report.html">{w["report"]}</a></p></div>'
    )


def _picture(m: Made, folder: Path) -> str:
    """The photograph of a piece as a data address, or its shaded ornament where none was taken."""
    from PIL import Image

    taken, shaped = folder / "picture.png", m.piece.shaped
    if taken.exists():
        with Image.open(taken) as opened:
            image = opened.convert("RGBA")
        ground = Image.new("RGBA", image.size, (233, 227, 216, 255))
        image = Image.alpha_composite(ground, image).convert("RGB")
    else:
        image = Image.fromarray(shade(shaped.picture if shaped.depth > 0 else 1.0 - shaped.picture, shaped.pitch, abs(shaped.depth), shaped.wrap))
    image.thumbnail((_SIDE, _SIDE))
    out = BytesIO()
    image.save(out, "JPEG", quality=86)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def _safe(text: object) -> str:
    return html.escape(str(text))
