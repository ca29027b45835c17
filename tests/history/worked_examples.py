"""The worked examples of the history facts, section 5, as far as they speak of truth and ledger: A to D, F4 and F5."""

from tests.history.scenarios import Scenario, Workflow

LINEAR = Workflow("Linear", {"N1 Submission": ["T1.1"], "N2 Initial Review": ["T2.1"], "N3 Final Approval": ["T3.1"], "N4 Complete": ["T4.1"]})
REMEDIATION = Workflow("Remediation", {"N1 Submission": ["T1.1"], "N2 Quality Check": ["T2.1"], "N3 Remediation": ["T3.1"], "N4 Accepted": ["T4.1"]})
EXTERNAL = Workflow("External", {"N1 Initiate": ["T1.1"], "N2 Await": ["T2.1"], "N3 Process": ["T3.1"], "N4 Done": ["T4.1"]})
SALES = Workflow("Sales", {"S1 Qualify": ["S1.1"], "S2 Present": ["S2.1"], "S3 Close": ["S3.1"]})
FINANCE = Workflow("Finance", {"F1 Deposit": ["F1.1"], "F2 Balance": ["F2.1"]})
EXECUTION = Workflow("Execution", {"E1 Schedule": ["E1.1"], "E2 Work": ["E2.1"], "E3 Installation": ["E3.1"]})
SINGLE = Workflow("Single", {"A Only": ["A1"]})
LOOP = Workflow("Loop", {"L Loop": ["L1"]})

A1_APPROVE = Scenario(
    "A1 approve path",
    {"f1": (LINEAR, "g1")},
    trace="""
        0  f1 NA N1
        1  f1 ST T1.1
        2  f1 EV T1.1 FILE
        3  f1 OUT T1.1 SUBMITTED
        3  f1 NA N2
        4  f1 ST T2.1
        5  f1 OUT T2.1 APPROVED
        5  f1 NA N3
        6  f1 ST T3.1
        7  f1 EV T3.1 FILE
        8  f1 OUT T3.1 APPROVED
        8  f1 NA N4
        9  f1 ST T4.1
        10 f1 OUT T4.1 ARCHIVED
        10 f1 IS COMPLETED
    """,
    ledger="""
        0  f1 NA N1 it1
        1  f1 ST T1.1 it1
        2  f1 EV T1.1 FILE it1
        3  f1 NA N2 it1
        3  f1 OUT T1.1 SUBMITTED it1
        4  f1 ST T2.1 it1
        5  f1 NA N3 it1
        5  f1 OUT T2.1 APPROVED it1
        6  f1 ST T3.1 it1
        7  f1 EV T3.1 FILE it1
        8  f1 NA N4 it1
        8  f1 OUT T3.1 APPROVED it1
        9  f1 ST T4.1 it1
        10 f1 OUT T4.1 ARCHIVED it1
    """,
    job_signals={"job-g1": "COMPLETED"},
)

A2_REJECT = Scenario(
    "A2 reject path with two refused commands",
    {"f1": (LINEAR, "g1")},
    trace="""
        0 f1 NA N1
        1 f1 ST T1.1
        2 f1 OUT T1.1 SUBMITTED refused EVIDENCE_REQUIRED
        3 f1 EV T1.1 FILE
        4 f1 OUT T1.1 SUBMITTED
        4 f1 NA N2
        5 f1 ST T2.1
        6 f1 OUT T2.1 REJECTED
        6 f1 NA N4
        7 f1 ST T3.1 refused TASK_NOT_ACTIONABLE
        8 f1 ST T4.1
        9 f1 OUT T4.1 ARCHIVED
        9 f1 IS COMPLETED
    """,
    ledger="""
        0 f1 NA N1 it1
        1 f1 ST T1.1 it1
        3 f1 EV T1.1 FILE it1
        4 f1 NA N2 it1
        4 f1 OUT T1.1 SUBMITTED it1
        5 f1 ST T2.1 it1
        6 f1 NA N4 it1
        6 f1 OUT T2.1 REJECTED it1
        8 f1 ST T4.1 it1
        9 f1 OUT T4.1 ARCHIVED it1
    """,
    job_signals={"job-g1": "COMPLETED"},
)

B_REMEDIATION = Scenario(
    "B remediation loop",
    {"f1": (REMEDIATION, "g1")},
    trace="""
        0  f1 NA N1
        1  f1 ST T1.1
        2  f1 EV T1.1 FILE
        3  f1 OUT T1.1 SUBMITTED
        3  f1 NA N2
        4  f1 ST T2.1
        5  f1 EV T2.1 FILE
        6  f1 OUT T2.1 FAIL
        6  f1 NA N3
        7  f1 ST T3.1
        8  f1 EV T3.1 FILE
        9  f1 OUT T3.1 REWORK_COMPLETE
        9  f1 NA N2 it2
        10 f1 ST T2.1 it2
        11 f1 OUT T2.1 PASS it2
        11 f1 NA N4
        12 f1 ST T4.1
        13 f1 OUT T4.1 ACCEPTED
        13 f1 IS COMPLETED
    """,
    ledger="""
        0  f1 NA N1 it1
        1  f1 ST T1.1 it1
        2  f1 EV T1.1 FILE it1
        3  f1 NA N2 it1
        3  f1 OUT T1.1 SUBMITTED it1
        4  f1 ST T2.1 it1
        5  f1 EV T2.1 FILE it1
        6  f1 NA N3 it1
        6  f1 OUT T2.1 FAIL it1
        7  f1 ST T3.1 it1
        8  f1 EV T3.1 FILE it1
        9  f1 NA N2 it2
        9  f1 OUT T3.1 REWORK_COMPLETE it1
        10 f1 ST T2.1 it2
        11 f1 NA N4 it1
        11 f1 OUT T2.1 PASS it2
        12 f1 ST T4.1 it1
        13 f1 OUT T4.1 ACCEPTED it1
    """,
    job_signals={"job-g1": "COMPLETED"},
)

C_EXTERNAL_WAIT = Scenario(
    "C retry, then a time-out of the second wait",
    {"f1": (EXTERNAL, "g1")},
    trace="""
        0  f1 NA N1
        1  f1 ST T1.1
        2  f1 EV T1.1 TEXT
        3  f1 OUT T1.1 REQUEST_SENT
        3  f1 NA N2
        4  f1 ST T2.1
        5  f1 EV T2.1 TEXT
        6  f1 OUT T2.1 RESPONSE_RECEIVED
        6  f1 NA N3
        7  f1 ST T3.1
        8  f1 EV T3.1 STRUCTURED
        9  f1 OUT T3.1 RETRY
        9  f1 NA N1 it2
        10 f1 ST T1.1 it2
        11 f1 OUT T1.1 REQUEST_SENT it2
        11 f1 NA N2 it2
        12 f1 ST T2.1 it2
        13 f1 OUT T2.1 TIMEOUT it2
        13 f1 NA N4
        14 f1 ST T4.1
        15 f1 OUT T4.1 COMPLETED
        15 f1 IS COMPLETED
    """,
    ledger="""
        0  f1 NA N1 it1
        1  f1 ST T1.1 it1
        2  f1 EV T1.1 TEXT it1
        3  f1 NA N2 it1
        3  f1 OUT T1.1 REQUEST_SENT it1
        4  f1 ST T2.1 it1
        5  f1 EV T2.1 TEXT it1
        6  f1 NA N3 it1
        6  f1 OUT T2.1 RESPONSE_RECEIVED it1
        7  f1 ST T3.1 it1
        8  f1 EV T3.1 STRUCTURED it1
        9  f1 NA N1 it2
        9  f1 OUT T3.1 RETRY it1
        10 f1 ST T1.1 it2
        11 f1 NA N2 it2
        11 f1 OUT T1.1 REQUEST_SENT it2
        12 f1 ST T2.1 it2
        13 f1 NA N4 it1
        13 f1 OUT T2.1 TIMEOUT it2
        14 f1 ST T4.1 it1
        15 f1 OUT T4.1 COMPLETED it1
    """,
    job_signals={"job-g1": "COMPLETED"},
)

_SALES_TRACE = """
        0  f1 NA S1
        1  f1 ST S1.1
        2  f1 OUT S1.1 QUALIFIED
        2  f1 NA S2
        3  f1 ST S2.1
        4  f1 OUT S2.1 PRESENTED
        4  f1 NA S3
        5  f1 ST S3.1
        6  f1 OUT S3.1 SIGNED
        6  f1 IS COMPLETED
        6  f2 NA F1
        6  f3 NA E1
        7  f3 ST E1.1 refused TASK_NOT_ACTIONABLE
        8  f2 ST F1.1
"""
_SALES_LEDGER = """
        0  f1 NA S1 it1
        1  f1 ST S1.1 it1
        2  f1 NA S2 it1
        2  f1 OUT S1.1 QUALIFIED it1
        3  f1 ST S2.1 it1
        4  f1 NA S3 it1
        4  f1 OUT S2.1 PRESENTED it1
        5  f1 ST S3.1 it1
        6  f2 NA F1 it1
        6  f3 NA E1 it1
        6  f1 OUT S3.1 SIGNED it1
        8  f2 ST F1.1 it1
"""
_THREE_FLOWS = {"f1": (SALES, "g1"), "f2": (FINANCE, "g1"), "f3": (EXECUTION, "g1")}

D_PARALLEL = Scenario(
    "D parallel flows, the fan-out at a frozen clock",
    _THREE_FLOWS,
    trace=_SALES_TRACE
    + """
        9  f2 OUT F1.1 DEPOSIT_COLLECTED
        9  f2 NA F2
        10 f3 ST E1.1
        11 f3 OUT E1.1 SCHEDULED
        11 f3 NA E2
        12 f3 ST E2.1
        13 f3 OUT E2.1 WORK_COMPLETE
        13 f3 NA E3
        14 f3 ST E3.1
        15 f3 OUT E3.1 INSTALLATION_COMPLETE
        15 f3 IS COMPLETED
        16 f2 ST F2.1
        17 f2 OUT F2.1 BALANCE_COLLECTED
        17 f2 IS COMPLETED
    """,
    ledger=_SALES_LEDGER
    + """
        9  f2 NA F2 it1
        9  f2 OUT F1.1 DEPOSIT_COLLECTED it1
        10 f3 ST E1.1 it1
        11 f3 NA E2 it1
        11 f3 OUT E1.1 SCHEDULED it1
        12 f3 ST E2.1 it1
        13 f3 NA E3 it1
        13 f3 OUT E2.1 WORK_COMPLETE it1
        14 f3 ST E3.1 it1
        15 f3 OUT E3.1 INSTALLATION_COMPLETE it1
        16 f2 ST F2.1 it1
        17 f2 OUT F2.1 BALANCE_COLLECTED it1
    """,
    job_signals={"job-g1": "COMPLETED"},
)

D2_DEPOSIT_FAILED = Scenario(
    "D2 the deposit fails and execution stalls",
    _THREE_FLOWS,
    trace=_SALES_TRACE
    + """
        9  f2 OUT F1.1 DEPOSIT_FAILED
        9  f2 IS COMPLETED
        10 f3 ST E1.1 refused TASK_NOT_ACTIONABLE
    """,
    ledger=_SALES_LEDGER
    + """
        9  f2 OUT F1.1 DEPOSIT_FAILED it1
    """,
    job_signals={"job-g1": "ACTIVE"},
)

D3_WORK_FAILED = Scenario(
    "D3 the work fails and is scheduled again",
    _THREE_FLOWS,
    trace=_SALES_TRACE
    + """
        9  f2 OUT F1.1 DEPOSIT_COLLECTED
        9  f2 NA F2
        10 f3 ST E1.1
        11 f3 OUT E1.1 SCHEDULED
        11 f3 NA E2
        12 f3 ST E2.1
        13 f3 OUT E2.1 WORK_FAILED
        13 f3 NA E1 it2
        14 f3 ST E1.1 it2
        15 f3 OUT E1.1 SCHEDULED it2
        15 f3 NA E2 it2
        16 f3 ST E2.1 it2
        17 f3 OUT E2.1 WORK_COMPLETE it2
        17 f3 NA E3
    """,
    ledger=_SALES_LEDGER
    + """
        9  f2 NA F2 it1
        9  f2 OUT F1.1 DEPOSIT_COLLECTED it1
        10 f3 ST E1.1 it1
        11 f3 NA E2 it1
        11 f3 OUT E1.1 SCHEDULED it1
        12 f3 ST E2.1 it1
        13 f3 NA E1 it2
        13 f3 OUT E2.1 WORK_FAILED it1
        14 f3 ST E1.1 it2
        15 f3 NA E2 it2
        15 f3 OUT E1.1 SCHEDULED it2
        16 f3 ST E2.1 it2
        17 f3 NA E3 it1
        17 f3 OUT E2.1 WORK_COMPLETE it2
    """,
    job_signals={"job-g1": "ACTIVE"},
)

D4_OTHER_GROUP = Scenario(
    "D4 the deposit is collected in another group",
    {"f1": (SALES, "g1"), "f2": (FINANCE, "g2"), "f3": (EXECUTION, "g1")},
    trace=_SALES_TRACE
    + """
        9  f2 OUT F1.1 DEPOSIT_COLLECTED
        9  f2 NA F2
        10 f3 ST E1.1 refused TASK_NOT_ACTIONABLE
    """,
    # At second 6 the job comes before the record: f3 is of job-g1, f2 of job-g2.
    ledger=_SALES_LEDGER.replace("6  f2 NA F1 it1\n        6  f3 NA E1 it1", "6  f3 NA E1 it1\n        6  f2 NA F1 it1")
    + """
        9  f2 NA F2 it1
        9  f2 OUT F1.1 DEPOSIT_COLLECTED it1
    """,
    job_signals={"job-g1": "ACTIVE", "job-g2": "ACTIVE"},
)

F4_FAN_OUT_FAILS = Scenario(
    "F4 a fan-out to a missing target, as stored",
    {"f1": (SINGLE, "g1")},
    trace="""
        0 f1 NA A
        1 f1 ST A1
        2 f1 OUT A1 DONE
        2 f1 IS COMPLETED
        3 f1 IS BLOCKED
        4 f1 ST A1 refused FLOW_BLOCKED
    """,
    ledger="""
        0 f1 NA A it1
        1 f1 ST A1 it1
        2 f1 OUT A1 DONE it1
    """,
    job_signals={"job-g1": "BLOCKED"},
)

F5_CEILING = Scenario(
    "F5 a self-loop that reaches an iteration limit of three, as stored",
    {"f1": (LOOP, "g1")},
    trace="""
        0 f1 NA L
        1 f1 ST L1
        2 f1 OUT L1 AGAIN
        2 f1 NA L it2
        3 f1 ST L1 it2
        4 f1 OUT L1 AGAIN it2
        4 f1 NA L it3
        5 f1 ST L1 it3
        6 f1 OUT L1 AGAIN it3
        6 f1 IS COMPLETED
        7 f1 IS BLOCKED
    """,
    ledger="""
        0 f1 NA L it1
        1 f1 ST L1 it1
        2 f1 NA L it2
        2 f1 OUT L1 AGAIN it1
        3 f1 ST L1 it2
        4 f1 NA L it3
        4 f1 OUT L1 AGAIN it2
        5 f1 ST L1 it3
        6 f1 OUT L1 AGAIN it3
    """,
    job_signals={"job-g1": "BLOCKED"},
)

SCENARIOS = (
    A1_APPROVE,
    A2_REJECT,
    B_REMEDIATION,
    C_EXTERNAL_WAIT,
    D_PARALLEL,
    D2_DEPOSIT_FAILED,
    D3_WORK_FAILED,
    D4_OTHER_GROUP,
    F4_FAN_OUT_FAILS,
    F5_CEILING,
)
