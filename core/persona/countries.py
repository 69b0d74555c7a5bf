"""The country codes of ISO 3166-1 alpha-2, as the time zone database lists them (iso3166.tab), and XK for Kosovo."""

from __future__ import annotations

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
_MEANT = {  # what else countries are called: other codes, and languages
    "UK": "GB", "EN": "GB", "USA": "US", "ZH": "CN", "PRC": "CN", "CHN": "CN", "JA": "JP", "KO": "KR", "EL": "GR",
    "CS": "CZ", "DA": "DK", "GBR": "GB",
}  # fmt: skip


def country_meant(written: str) -> str | None:
    """Return the code of the country that is meant by another spelling, None where none is known."""
    code = written.strip().upper()
    return code if code in COUNTRIES else _MEANT.get(code)
