from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.blind import shown_blind

UNIFORM = st.floats(0, 1, exclude_max=True)
SHARE = st.floats(0, 1)


@given(share=SHARE, uniform=UNIFORM)
def test_an_audit_is_always_blind(share, uniform):
    assert shown_blind(audited=True, share=share, uniform=uniform)


@given(share=SHARE, uniform=UNIFORM)
def test_others_are_blind_by_the_share(share, uniform):
    assert shown_blind(audited=False, share=share, uniform=uniform) == (uniform < share)


def test_the_extremes_mean_what_they_say():
    assert not shown_blind(audited=False, share=0.0, uniform=0.0)
    assert shown_blind(audited=False, share=1.0, uniform=1 - 2**-53)
