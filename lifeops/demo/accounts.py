"""Documented demo accounts, as `make run` prints them."""

ACCOUNTS = (
    ("clerk.a", "受理岗 · 甲支公司"),
    ("clerk.b", "受理岗 · 另一分公司"),
    ("entry.a", "录入岗"),
    ("scan.a", "扫描岗"),
    ("query.a", "问题件岗"),
    ("investigator.a", "调查岗"),
    ("issue.a", "发放岗"),
    ("archive.a", "档案岗"),
    ("head.a", "机构主管"),
    ("uw.junior", "核保 1 级"),
    ("uw.senior", "核保 3 级"),
    ("ps.reviewer", "保全审核"),
    ("cl.junior", "理赔 1 级"),
    ("cl.senior", "理赔 3 级"),
    ("approver", "批准岗 2 级"),
    ("approver.high", "批准岗 4 级"),
    ("manager", "运营主管"),
    ("auditor", "审计岗（只读）"),
    ("sysadmin", "系统管理岗"),
    ("secadmin", "安全管理岗"),
)
