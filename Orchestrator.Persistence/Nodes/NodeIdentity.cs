namespace Orchestrator.Persistence.Nodes;

/// <summary>One life of one service process. A restart is another node.</summary>
/// <param name="Id">New at each start, and again when a node finds that it was declared dead.</param>
/// <param name="Host">Boot id and pid namespace: where the pid means something.</param>
/// <param name="Name">Machine name, for people.</param>
/// <param name="Pid">Process id on the host.</param>
/// <param name="ProcessStart">Field 22 of <c>/proc/PID/stat</c>; null if it can't be read, which means "can't tell", never "dead".</param>
public sealed record NodeIdentity(Guid Id, string Host, string Name, int Pid, long? ProcessStart)
{
    /// <summary>The lanes that it works in.</summary>
    public IReadOnlyList<string> Lanes { get; init; } = [];
}
