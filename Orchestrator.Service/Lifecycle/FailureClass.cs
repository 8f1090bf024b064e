namespace Orchestrator.Service.Lifecycle;

/// <summary>Who is to blame for a run that failed. Which budget it is charged to, and what follows, is a function of it.</summary>
public enum FailureClass
{
    /// <summary>The work itself: bad input, bad code, a handler's exception. Costs an attempt.</summary>
    Work,

    /// <summary>What the work needs failed for now: network, overload, a killed program. Costs of the transient budget.</summary>
    Transient,

    /// <summary>The account has used what it may use for now. Costs of the transient budget, and shuts the account's breaker at once.</summary>
    RateLimited,

    /// <summary>Something is missing or wrong on the machine: a program, a right, a folder. The job is held.</summary>
    Environment,

    /// <summary>The account is refused: sign-in, billing. The job is held, and the account's breaker shut for all.</summary>
    Account,

    /// <summary>The run went down with its node or its process. Costs of the infrastructure's budget.</summary>
    Lost,
}

/// <summary>What a held job waits for.</summary>
public enum HoldReason
{
    /// <summary>A person, or a preflight that finds the environment in order again.</summary>
    Environment,

    /// <summary>A person, or the account's breaker closing.</summary>
    Account,

    /// <summary>A person: its transient budget is used up.</summary>
    Transient,

    /// <summary>A person: its runs were lost too often, and it may be what kills them.</summary>
    Lost,
}
