"""The words of the terminal in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.engine import Language

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "eligible": ("符合条件", "Entitled"),
        "not_eligible": ("不符合条件", "Not entitled"),
        "undetermined": ("尚不能确定", "Cannot be decided yet"),
        "as_of": ("询问日期", "as of"),
        "region": ("地区", "region"),
        "release": ("规则版本", "release"),
        "reforms": ("改革方案", "reforms"),
        "amount": ("待遇", "Benefits"),
        "values": ("主要数据", "Figures"),
        "conditions": ("条件", "Conditions"),
        "met": ("满足", "met"),
        "not met": ("不满足", "not met"),
        "unknown": ("未知", "unknown"),
        "actual": ("实际", "actual"),
        "required": ("要求", "required"),
        "shortfall": ("差额", "short by"),
        "margin": ("余量", "margin"),
        "required_by": ("要求出自", "required by"),
        "missing": ("还缺什么", "What is still missing"),
        "missing_fact": ("请补充事实 {name}", "Please give the fact {name}"),
        "missing_parameter": ("{name} 尚未公布或未收录", "{name} is not published, or not encoded"),
        "missing_rule": ("{name} 在此时此地没有施行中的规定", "{name} is not in force here and now"),
        "give_it": ("可在 given 中给出 {name}", "You may state {name} under 'given'"),
        "assume_it": ("，或在 assumptions 中设定 {name}", ", or assume {name} under 'assumptions'"),
        "division_by_zero": ("{name} 的计算中除数为零", "{name} would divide by zero"),
        "steps": ("计算过程（从金额到法条）", "How it was computed (from the amount to the law)"),
        "above": ("见上", "shown above"),
        "given": ("已给定", "given"),
        "assumed": ("按假设推算", "assumed"),
        "rounding": ("由 {before} 取整到 {to}（{mode}）", "rounded from {before} to {to} ({mode})"),
        "rows": ("命中行", "table rows"),
        "passed_over": ("未适用", "not applied"),
        "unverified": ("未经核实的数据或规定", "Figures or wordings nobody could verify"),
        "estimated": ("按假设估算的数据", "Figures estimated under the assumptions"),
        "provisional": ("预发、待结算的数据", "Provisional figures, to be settled later"),
        "conclusions": ("提示", "Conclusions"),
        "standing_official": ("依据正式公布的数据", "rests on official figures"),
        "standing_provisional": ("暂按预发数据", "provisional"),
        "standing_estimated": ("估算", "estimated"),
        "standing_unverified": ("含未核实数据", "unverified"),
        "exclusion": ("互斥", "exclusion"),
        "offset": ("抵扣", "offset"),
        "duplicate": ("重复", "duplicate"),
        "suggestion": ("建议", "suggestion"),
        "route": ("流转", "route"),
        "source": ("依据", "Source"),
        "moves": ("变动的日期：", "what moves:"),
        "month": ("月份", "month"),
        "status": ("状态", "status"),
        "changes": ("变化及原因", "what changes, and why"),
        "fact": ("事实", "fact"),
        "count": ("共 {count} 项", "{count} items"),
        "checking": ("核对输入", "Checking the input"),
        "evaluating": ("测算", "Evaluating"),
        "compiling": ("编译规则……", "Compiling the rules ..."),
        "rows_so_far": ("{rows} 行，拒绝 {rejects}，逐行精确计算 {exact}", "{rows} rows, {rejects} refused, {exact} computed exactly"),
        "run_rows": (
            "读入 {input_rows} 行：给出结果 {result_rows} 行，拒绝 {rejected_rows} 行；其中由精确引擎计算 {exact_rows} 次。",
            "{input_rows} rows read: {result_rows} answered, {rejected_rows} refused; {exact_rows} times the exact engine was asked.",
        ),
        "run_time": ("用时 {seconds} 秒（每秒 {speed} 行）。", "{seconds} seconds ({speed} rows a second)."),
        "run_rejects": ("{rejected_rows} 行未能测算，原因见 {file}：", "{rejected_rows} rows could not be answered; the reasons are in {file}:"),
        "run_files": ("结果在 {results}，运行说明在 {manifest}。", "The results are in {results}, what was run in {manifest}."),
        "run_report": ("报告：{page}", "Report: {page}"),
        "run_interrupted": (
            "已中断。完成的部分保留在 {out}；加 --resume 继续。",
            "Interrupted. What is finished stays in {out}; go on with --resume.",
        ),
        "run_disk_full": (
            "磁盘已满：{out} 所在磁盘没有空间。腾出空间后加 --resume 继续。",
            "The disk of {out} is full. Make room, then go on with --resume.",
        ),
        "run_uncompiled": (
            "以下规则无法编译，相关地区逐行精确计算，速度较慢：{reasons}",
            "These rules cannot be compiled, so their places are computed row by row, which is slow: {reasons}",
        ),
        "before": ("变化前", "before"),
        "after": ("变化后", "after"),
        "change": ("变化", "change"),
        "absent": ("无此规定", "no such rule"),
        "not_due": ("不发给", "not due"),
        "not_computed": ("未计算", "not computed"),
        "several": ("见各行", "several rows"),
        "entitled": ("符合条件", "Being entitled"),
        "not_moved": ("结果没有变化。", "No result has moved."),
        "differences": ("哪些规则不同（由因及果；* 为规定本身有改动）", "What differs, causes first (* marks what says something else itself)"),
        "amended_wording": ("规定", "wording"),
        "amended_rounding": ("取整", "rounding"),
        "amended_row": ("数值", "figure"),
        "amended_bands": ("分段费率", "bands"),
        "by_amendment": ("改动出自", "amended by"),
        "because": ("因 {names} 不同", "because of {names}"),
        "other_wording": ("适用了另一条规定", "another of the same wordings applies"),
        "and_more": ("另有 {count} 行", "and {count} more rows"),
        "shares_of": ("各项改动的份额：{what} {total}", "Shares of the amendments: {what} {total}"),
        "method_shapley": ("份额为沙普利值：各项改动按一切先后次序所增减的平均数。", "Shares are Shapley values: what each amendment adds, averaged over every order of making them."),
        "method_in_order": ("份额按改动生效的先后逐项计算。", "Shares are what each amendment adds in the order they apply."),
        "method_joint": ("只能一并计算的改动平分其份额。", " Those that can only be computed together share equally."),
        "reasons_all": ("全部 {rows} 人。", "All {rows} people."),
        "reasons_sample": (
            "{rows} 人中随机抽取 {asked} 人（种子 {seed}）；变化为被抽取者的合计。",
            "{asked} of {rows} people, drawn at random (seed {seed}); the changes are theirs.",
        ),
        "reasons_so_far": ("{laws} 种规则组合，{total} 人中已算 {rows} 人……", "{laws} laws, {rows} of {total} people ..."),
        "reasons_files": ("已写入 {files}。", "Written to {files}."),
        "band": ("超过 {above} 的部分 {rate}", "above {above}: {rate}"),
    }
)


def word(key: str, language: Language, **filled: object) -> str:
    """The words of a key, with their places filled in; a key that has none is its own word."""
    pair = WORDS.get(key)
    text = key if pair is None else pair[language == "en"]
    return text.format(**filled) if filled else text
