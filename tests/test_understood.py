"""How much of a document was understood is told per document, and what was not is listed with its place."""

import pandas as pd

from flows.returned.understood import documents_read, understood_lines

SENTENCES = pd.DataFrame(
    [
        ("说明.txt", "正文", "第4行", "收入预算10万元", True),
        ("说明.txt", "正文", "第5行", "约花费3万元", False),
        ("说明.txt", "正文", "第6行", "支出预算10万元", True),
        ("另一份.docx", "正文", "第2段", "收入预算5万元", True),
    ],
    columns=["file", "sheet", "cell", "text", "understood"],
)


def test_the_share_understood_is_told_per_document_with_the_sentences_that_were_not():
    assert list(understood_lines(documents_read(SENTENCES))) == [
        "公开说明 另一份.docx：写有金额或百分比的句子 1 句，读懂 1 句（100.0%）。",
        "公开说明 说明.txt：写有金额或百分比的句子 3 句，读懂 2 句（66.7%）。",
        "  未读懂 正文第5行：约花费3万元",
    ]


def test_bodies_without_documents_are_not_spoken_of():
    assert list(understood_lines(documents_read(SENTENCES.iloc[:0]))) == []
