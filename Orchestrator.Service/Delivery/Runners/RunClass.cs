namespace Orchestrator.Service.Delivery.Runners;

/// <summary>What a run of a suite came to.</summary>
internal enum RunClass
{
    /// <summary>At least one test ran, and none failed.</summary>
    SuitePass,

    /// <summary>The suite ran and failed, or the code under test kept it from running: the developer's.</summary>
    SuiteFail,

    /// <summary>The machine or the set-up lacks something. It stays so until somebody mends it.</summary>
    PermanentEnv,

    /// <summary>The network, a daemon, a kill, a full disk, or no proof either way; the same run may well succeed later.</summary>
    TransientInfra,
}

/// <summary>How often a run that came to this may be repeated before the verdict is acted on.</summary>
internal enum Repeat
{
    /// <summary>Never.</summary>
    No,

    /// <summary>One time: a crash, a contradiction, or an end without any sign.</summary>
    Once,

    /// <summary>As often as the deferrals allow.</summary>
    Bounded,
}

/// <summary>The verdict on one run.</summary>
/// <param name="Class">What it came to.</param>
/// <param name="Rule">The stable name of the rule that decided.</param>
/// <param name="Reason">For people: what the rule read; one line of at most 300 characters.</param>
/// <param name="Repeat">May it be repeated first?</param>
internal sealed record RunVerdict(RunClass Class, string Rule, string Reason, Repeat Repeat)
{
    /// <summary>Did the suite run, so that there is a PASS or FAIL to tell?</summary>
    public bool SuiteRan => Class is RunClass.SuitePass or RunClass.SuiteFail;
}

/// <summary>The classes as tables and artifacts write them.</summary>
internal static class RunClasses
{
    public static readonly IReadOnlyList<string> Names = ["suite-pass", "suite-fail", "permanent-env", "transient-infra"];

    public static string NameOf(RunClass of) => Names[(int)of];
}
