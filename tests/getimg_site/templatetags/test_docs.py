from getimg_site.templatetags.docs import code_words


def test_what_stands_between_backticks_is_code_and_all_of_it_is_escaped() -> None:
    assert code_words("A `<b>` & `wait=N`") == "A <code>&lt;b&gt;</code> &amp; <code>wait=N</code>"
    assert code_words("one ` alone") == "one ` alone"
