"""The shipped content, read once, and what a room usually fills in."""

import pytest

from hostdesk.content.counsel import load_counsel


@pytest.fixture(scope="package")
def shipped():
    return load_counsel()


@pytest.fixture(scope="package")
def typical():
    return {
        "zh": {
            "product": "针织开衫", "order_hint": "尾号3187", "deadline": "21:40",
            "contact": "订单页客服", "wrong": "99元", "right": "129元", "evidence": "质检报告",
            "ship_by": "明天18:00", "reply_from": "9:00", "deadline_there": "14:40", "link": "12",
            "topic": "起球", "back_by": "21:45", "until": "今天24:00", "call_by": "明天12:00",
            "fact": "这批线头松", "done": "已登记23单", "next": "送检", "result": "已全部退款",
        },
        "en": {
            "product": "the cardigan", "order_hint": "order ..3187", "deadline": "21:40",
            "contact": "order-page support", "wrong": "99", "right": "129",
            "evidence": "the test report", "ship_by": "tomorrow 18:00", "reply_from": "9:00",
            "deadline_there": "14:40", "link": "12", "topic": "pilling", "back_by": "21:45",
            "until": "24:00 today", "call_by": "noon tomorrow", "fact": "loose thread in lot 7",
            "done": "23 logged", "next": "test", "result": "all refunded",
        },
    }  # fmt: skip
