namespace Orchestrator.Service.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} ({Name}, pid {Pid}) holds a lease of {Lease}")]
    public static partial void Registered(this ILogger log, Guid node, string name, int pid, TimeSpan lease);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} could not renew its lease, last renewed {Ago} ago")]
    public static partial void NotRenewed(this ILogger log, Guid node, TimeSpan ago, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The lease of node {Node} is over and can't be renewed: its {Runs} runs are stopped, because others may take them now")]
    public static partial void LeaseOver(this ILogger log, Guid node, int runs);

    [LoggerMessage(Level = LogLevel.Error, Message = "Node {Node} was declared dead while it lived; its {Runs} runs belong to others. It goes on as a new node")]
    public static partial void DeclaredDead(this ILogger log, Guid node, int runs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} could not say good-bye; its lease ends by itself")]
    public static partial void NotLeft(this ILogger log, Guid node, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} ({Name}) is dead: {Reason}. {Runs} of its runs were queued again")]
    public static partial void RunsTakenBack(this ILogger log, Guid node, string name, string reason, int runs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} of job {Job} was this node's and nothing carried it out; it is queued again, or adopted if it is an external process")]
    public static partial void Stranded(this ILogger log, Guid job, long run);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The look for runs that nothing carries out failed; it comes again with the next heartbeat")]
    public static partial void StrandedLookFailed(this ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} of job {JobId} could not be looked at; the others are")]
    public static partial void RunNotLookedAt(this ILogger log, long run, Guid jobId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The other nodes of this host could not be looked at")]
    public static partial void ProbeFailed(this ILogger log, Exception exception);
}
