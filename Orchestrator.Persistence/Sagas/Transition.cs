namespace Orchestrator.Persistence.Sagas;

/// <summary>What became of an event that was raised on a saga.</summary>
public enum RaiseOutcome
{
    /// <summary>The state it met names it, as an event to act on or as a late one to ignore.</summary>
    Accepted,

    /// <summary>The state it met does not name it; nothing has changed.</summary>
    NotAccepted,

    /// <summary>There is no instance for it, and the event does not make one.</summary>
    NoInstance,
}

/// <summary>An event applied in memory: the states by name. They are equal if the event was not accepted, or was late.</summary>
public readonly record struct Transition(RaiseOutcome Outcome, string From, string To);

/// <summary>An event applied through the repository, and the instance it met.</summary>
public readonly record struct Raised<TSaga>(RaiseOutcome Outcome, TSaga? Saga);

/// <summary>A payload in which the repository leaves the instance that it found.</summary>
internal sealed class RaisedInstance<TSaga>
{
    public TSaga? Saga { get; set; }
}
