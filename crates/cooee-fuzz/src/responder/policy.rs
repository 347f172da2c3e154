use arbitrary::Arbitrary;
use cooee_core::AnswerPolicy;

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) enum Policy {
    OnLink,
    Private,
    Any,
}

impl From<Policy> for AnswerPolicy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::OnLink => Self::OnLink,
            Policy::Private => Self::Private,
            Policy::Any => Self::Any,
        }
    }
}
