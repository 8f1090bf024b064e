namespace Orchestrator.Local.Replay;

/// <summary>How long things take in a replay. Only the proportions matter: the last wave must wait for a permit longer than an unprotected message lasts.</summary>
/// <param name="Visibility">For how long SQS keeps a received message from others.</param>
/// <param name="ShortestWork">Shortest time that one extraction takes.</param>
/// <param name="LongestWork">Longest time that one extraction takes.</param>
/// <param name="Patience">How long the replay waits for the document's jobs to end.</param>
public sealed record ReplayPace(TimeSpan Visibility, TimeSpan ShortestWork, TimeSpan LongestWork, TimeSpan Patience)
{
    /// <summary>A tenth and less of the real times: about half a minute.</summary>
    public static ReplayPace Scaled { get; } = new(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(3));

    /// <summary>The incident's own times: about seven minutes.</summary>
    public static ReplayPace Real { get; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(30));
}
