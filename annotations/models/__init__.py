from annotations.models.annotation import SPEAKS_FIRST, Annotation, Approval, How, Outcome
from annotations.models.client import ApiKey, ApiKeyMinute, DirectUpload, Verb
from annotations.models.grid import Grid, GridCell
from annotations.models.item import Item, ItemContent, StoredImage
from annotations.models.people import Membership, Role, Theme, User
from annotations.models.prediction import SPOKEN, Origin, Prediction, Predictor, Withdrawal
from annotations.models.project import ApprovalMode, Project, ProjectKind, ReviewPolicy
from annotations.models.queue import Assignment, AssignmentState, QueueEntry
from annotations.models.review import Review
from annotations.models.routing import AuditPlan, Route, RouteOutcome, RoutingPolicy
from annotations.models.simulation import Side, SideChange
from annotations.models.talk import Comment, Referral, ReferralTo
from annotations.models.taxonomy import GuidelineReading, Label, LabelExample, Taxonomy

__all__ = [
    "SPEAKS_FIRST",
    "SPOKEN",
    "Annotation",
    "ApiKey",
    "ApiKeyMinute",
    "Approval",
    "ApprovalMode",
    "Assignment",
    "AssignmentState",
    "AuditPlan",
    "Comment",
    "DirectUpload",
    "Grid",
    "GridCell",
    "GuidelineReading",
    "How",
    "Item",
    "ItemContent",
    "Label",
    "LabelExample",
    "Membership",
    "Origin",
    "Outcome",
    "Prediction",
    "Predictor",
    "Project",
    "ProjectKind",
    "QueueEntry",
    "Referral",
    "ReferralTo",
    "Review",
    "ReviewPolicy",
    "Role",
    "Route",
    "RouteOutcome",
    "RoutingPolicy",
    "Side",
    "SideChange",
    "StoredImage",
    "Taxonomy",
    "Theme",
    "User",
    "Verb",
    "Withdrawal",
]
