import pandas as pd

from core.reports.inert_text import inert, inert_names, make_texts_inert


def test_what_could_be_markup_is_replaced_by_what_looks_like_it() -> None:
    assert inert("</script><b>") == "＜/script＞＜b＞"
    assert inert("a&lt;b `c`") == "a＆lt;b ｀c｀"
    assert inert("![x](https://e)[y][z] [w]") == "![x］(https://e)[y］[z] [w]"
    assert inert("\u202egpj\u2028\0\x1b") == "\ufffdgpj\ufffd\ufffd\ufffd"
    for text in ("零售 (1–2年)", "naïve", "é", "10 % / year", 'say "a"', ""):
        assert inert(text) == text


def test_two_that_differ_stay_two() -> None:
    assert inert_names(["<1", "＜1", "1"]) == {"<1": "＜1 (2)", "＜1": "＜1", "1": "1"}
    names = inert_names(["<", "\u202e", "\u202d", "＜ (2)", "＜"])
    assert len(set(names.values())) == 5
    assert names["＜ (2)"] == "＜ (2)"


def test_both_sides_get_the_same_text_and_gaps_stay() -> None:
    before = pd.DataFrame({"years": ["<1", None, "2"], "n": [1.0, 2.0, 3.0]})
    after = pd.DataFrame({"years": ["2", "<1"], "n": [1.0, 2.0]})
    one, two = make_texts_inert([before, after], ["years"])
    assert one["years"].tolist()[::2] == ["＜1", "2"]
    assert one["years"].isna().tolist() == [False, True, False]
    assert two["years"].tolist() == ["2", "＜1"]
    assert before["years"].tolist()[0] == "<1"
    assert make_texts_inert([two], ["years"])[0] is two
