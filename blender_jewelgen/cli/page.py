"""report.html: one page a client can be shown, pictures inside, in the language of the prompt."""

from __future__ import annotations

import base64
import html
from io import BytesIO
from pathlib import Path

import numpy as np

from ..core.height.shade import shade
from ..core.library import table
from ..core.pipeline import Piece
from ..core.recipe import Recipe
from ..core.report import Check, Report
from ..core.translate import translate
from ..core.units import all_labels

_WORDS = {
    "en": {
        "form": "Form", "metal": "Metal", "finish": "Finish", "size": "Finger size", "inside": "Inner diameter", "extent": "Overall size",
        "weight": "Weight", "solid": "Weight if solid", "volume": "Metal volume", "wall": "Thinnest wall", "depth": "Relief depth", "triangles": "Triangles",
        "pattern": "The ornament, laid flat", "checks": "Checks", "rule": "Rule", "found": "Found", "limit": "Limit", "ok": "passed",
        "fail": "change", "open": "not measured", "notes": "Notes", "unknown": "Words kept for other engines", "made": "Made with JewelGen",
        "files": "Files enlarged for", "process": "Process", "engine": "Engine", "seed": "seed",
    },
    "zh": {
        "form": "款式", "metal": "金属", "finish": "表面", "size": "指圈", "inside": "内径", "extent": "外形尺寸", "weight": "重量", "solid": "实心重量",
        "volume": "金属体积", "wall": "最薄处", "depth": "浮雕深度", "triangles": "三角面", "pattern": "纹样展开", "checks": "检查",
        "rule": "项目", "found": "结果", "limit": "限值", "ok": "通过", "fail": "需修改", "open": "未测", "notes": "说明",
        "unknown": "留给其他引擎的词", "made": "由 JewelGen 制作", "files": "文件已按此工艺放大", "process": "工艺", "engine": "引擎", "seed": "种子",
    },
}
_RULES_ZH = {
    "closed": "封闭", "outward": "朝外", "bodies": "实体数", "flat-faces": "无面积面", "self-intersections": "自相交", "min-wall": "最小壁厚",
    "min-detail": "最细凸纹", "min-wire": "最细丝", "min-engraving-depth": "最浅刻痕", "min-engraving-width": "最窄凹纹", "volume": "体积", "weight": "重量", "size": "尺寸",
}
_STYLE = """
:root{color-scheme:light dark}body{margin:0;font:16px/1.5 Georgia,'Noto Serif CJK SC','Songti SC',serif;background:#f6f3ee;color:#25211c}
main{max-width:60rem;margin:auto;padding:2rem 1.2rem 3rem}h1{font-weight:500;font-size:1.7rem;margin:0 0 .2rem}h2{font-weight:500;font-size:1.15rem;margin:2rem 0 .6rem}
.sub{color:#7a6f60;margin:0 0 1.4rem}.top{display:grid;gap:1.6rem;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr)}@media(max-width:46rem){.top{grid-template-columns:1fr}}
img{max-width:100%;border-radius:6px;display:block}dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1.2rem;margin:0}dt{color:#7a6f60}dd{margin:0;text-align:right}
table{width:100%;border-collapse:collapse}td,th{text-align:left;padding:.32rem .6rem .32rem 0;border-bottom:1px solid #ded6c9;font-weight:400;vertical-align:top}th{color:#7a6f60}
.ok{color:#3d7a4b}.fail{color:#b1412c}.open{color:#7a6f60}.hint{color:#b1412c;font-size:.9em}footer{margin-top:2.4rem;color:#7a6f60;font-size:.85em}ul{padding-left:1.1rem}
@media(prefers-color-scheme:dark){body{background:#1c1a18;color:#ece6dc}td,th{border-color:#3a352f}.sub,dt,th,footer,.open{color:#a79b8a}.ok{color:#86c495}.fail,.hint{color:#e58a76}}
"""


def write_page(path: Path, piece: Piece, folder: Path) -> None:
    """Write the page of a piece whose other files already lie in ``folder``."""
    shaped, picture = piece.shaped, folder / "picture.png"
    ornament = shade(shaped.picture, shaped.pitch, abs(shaped.depth))
    page = page_of(shaped.recipe, piece.report, shaped.depth, ornament, picture.read_bytes() if picture.exists() else None)
    path.write_text(page, encoding="utf-8", errors="replace")


def page_of(recipe: Recipe, report: Report, depth: float, ornament: np.ndarray, picture: bytes | None = None) -> str:
    """The page as HTML: relief depth in mm, the shaded ornament (h, w, 3) uint8, and the PNG of the piece if there is one."""
    chinese = any("\u4e00" <= c <= "\u9fff" for c in recipe.design.prompt)
    language = "zh" if chinese else "en"
    w = _WORDS[language]
    form = table("forms")["forms"].get(report.form, {"en": "imported mesh", "zh": "导入的网格"})
    metal = table("alloys")["alloys"][report.metal][language]
    title = recipe.design.prompt or form[language]
    facts = [(w["form"], " ".join(filter(None, (form[language], translate(recipe.form.shape, language))))), (w["metal"], metal), (w["finish"], translate(recipe.design.finish, language))]
    if report.inner_diameter_mm and report.form in ("band", "signet"):
        labels = all_labels(report.inner_diameter_mm)
        facts.append((w["size"], f"{recipe.form.size} · EU {labels['EU']} · UK {labels['UK']} · JP {labels['JP']}"))
    if report.inner_diameter_mm:
        facts.append((w["inside"], f"{report.inner_diameter_mm:.2f} mm"))
    facts += [
        (w["extent"], " × ".join(f"{v:.2f}" for v in report.size_mm) + " mm"), (w["weight"], f"{report.weight_g:.2f} g"),
        (w["volume"], f"{report.volume_mm3:.1f} mm³"), (w["depth"], f"{abs(depth):.2f} mm"),
    ]
    if "solid_weight_g" in report.craft:
        facts.append((w["solid"], f"{report.craft['solid_weight_g']:.2f} g"))
    if report.min_wall_mm is not None:
        facts.append((w["wall"], f"{report.min_wall_mm:.2f} mm"))
    facts += [(w["triangles"], f"{report.triangles:,}"), (w["process"], translate(report.process, language))]
    if report.manufactured:
        facts.append((w["files"], f"{translate(report.manufactured['process'], language)} × {report.manufactured['scale']:g}, + {report.manufactured['polishing_mm']:g} mm"))
    shown = f'<img alt="" src="{_data(picture) if picture else _pattern(ornament)}">'
    parts = [
        f"<h1>{_safe(title)}</h1><p class=sub>{_safe(form[language])} · {_safe(metal)}</p><div class=top><div>{shown}</div><dl>",
        *(f"<dt>{_safe(k)}</dt><dd>{_safe(v)}</dd>" for k, v in facts),
        "</dl></div>",
        f'<h2>{w["pattern"]}</h2><img alt="" src="{_pattern(ornament)}">' if picture else "",
        f"<h2>{w['checks']}</h2><table><tr><th>{w['rule']}</th><th>{w['found']}</th><th>{w['limit']}</th><th></th></tr>",
        *(_row(c, w, chinese) for c in report.checks),
        "</table>",
    ]
    said = [*(translate(note, language) for note in report.notes), *([f"{w['unknown']}: {', '.join(report.words_unknown)}"] if report.words_unknown else [])]
    if said:
        parts.append(f"<h2>{w['notes']}</h2><ul>" + "".join(f"<li>{_safe(n)}</li>" for n in said) + "</ul>")
    drew = f"{recipe.engine['model']} ({recipe.engine.get('licence', '')})" if recipe.engine.get("model") else report.engine
    parts.append(f"<footer>{w['made']} {_safe(report.version)} · {w['engine']} {_safe(drew)} · {w['seed']} {report.seed}</footer>")
    return (
        f'<!doctype html><html lang="{"zh-Hans" if chinese else "en"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_safe(title)}</title><style>{_STYLE}</style><main>{''.join(parts)}</main></html>\n"
    )


def _row(c: Check, w: dict[str, str], chinese: bool) -> str:
    word, language = {True: "ok", False: "fail", None: "open"}[c.ok], "zh" if chinese else "en"
    unit = translate(c.unit, language)
    name = _RULES_ZH.get(c.name, c.name) if chinese else c.name.replace("-", " ")
    hint = f"<div class=hint>{_safe(translate(c.hint, language))}</div>" if c.ok is False else ""
    return f"<tr><td>{_safe(name)}{hint}</td><td>{_value(c.value, unit)}</td><td>{_value(c.limit, unit)}</td><td class={word}>{w[word]}</td></tr>"


def _value(value: object, unit: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, (tuple, list)):
        return " × ".join(f"{v:.1f}" for v in value) + f" {unit}"
    return _safe(f"{value:.3g} {unit}" if isinstance(value, float) else f"{value} {unit}")


def _pattern(ornament: np.ndarray) -> str:
    """The shaded ornament as a data address, at most 1400 px wide."""
    from PIL import Image

    image = Image.fromarray(ornament)
    image.thumbnail((1400, 900))
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return _data(out.getvalue(), "jpeg")


def _data(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _safe(text: object) -> str:
    return html.escape(str(text))


