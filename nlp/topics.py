"""The twelve things customers write about."""

from typing import Final

TOPICS: Final = (
    "delivery",
    "billing",
    "refund",
    "product_fault",
    "account",
    "technical",
    "staff_behaviour",
    "information",
    "cancellation",
    "praise",
    "privacy",
    "other",
)

NAMES: Final = {
    "delivery": ("Delivery", "配送"),
    "billing": ("Billing and payment", "账单与付款"),
    "refund": ("Refund and return", "退款与退货"),
    "product_fault": ("Faulty product", "产品质量"),
    "account": ("Account and sign-in", "账户与登录"),
    "technical": ("Technical problem", "技术问题"),
    "staff_behaviour": ("Staff behaviour", "服务态度"),
    "information": ("Question", "咨询"),
    "cancellation": ("Cancellation and change", "取消与变更"),
    "praise": ("Praise", "表扬"),
    "privacy": ("Privacy", "隐私"),
    "other": ("Other", "其他"),
}
"""English and Chinese label of each topic."""
