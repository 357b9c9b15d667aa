-- Tell the planner how the tables look after a load.
ANALYZE issues_issue, issues_event, issues_decision, issues_origin,
    issues_publicissue, issues_publicdetail, issues_publicspan
