"""Which of our twelve topics the intents of the public sets belong to. Intents that fit none well are left out."""

_BANKING = {
    "delivery": "card_arrival card_delivery_estimate get_physical_card order_physical_card getting_spare_card",
    "billing": (
        "extra_charge_on_statement card_payment_fee_charged transfer_fee_charged cash_withdrawal_charge exchange_charge "
        "top_up_by_card_charge top_up_by_bank_transfer_charge transaction_charged_twice direct_debit_payment_not_recognised "
        "card_payment_not_recognised card_payment_wrong_exchange_rate wrong_exchange_rate_for_cash_withdrawal "
        "pending_card_payment pending_transfer wrong_amount_of_cash_received"
    ),
    "refund": "request_refund Refund_not_showing_up",
    "product_fault": "card_not_working virtual_card_not_working card_swallowed",
    "account": (
        "passcode_forgotten edit_personal_details verify_my_identity unable_to_verify_identity pin_blocked change_pin "
        "activate_my_card age_limit lost_or_stolen_phone"
    ),
    "technical": "contactless_not_working top_up_failed apple_pay_or_google_pay",
    "information": "exchange_rate fiat_currency_support supported_cards_and_currencies country_support atm_support card_acceptance",
    "cancellation": "cancel_transfer terminate_account",
    "privacy": "why_verify_identity verify_source_of_funds",
}
_BITEXT = {
    "delivery": "change_shipping_address set_up_shipping_address delivery_options delivery_period track_order",
    "billing": "check_invoice get_invoice check_payment_methods payment_issue",
    "refund": "get_refund track_refund check_refund_policy",
    "account": "create_account edit_account recover_password registration_problems switch_account",
    "cancellation": "cancel_order check_cancellation_fee delete_account",
}


def _by_intent(intents: dict[str, str]) -> dict[str, str]:
    return {intent: topic for topic, names in intents.items() for intent in names.split()}


BANKING_TOPICS = _by_intent(_BANKING)
BITEXT_TOPICS = _by_intent(_BITEXT)
