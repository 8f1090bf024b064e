namespace Orchestrator.AmazonSqs;

/// <summary>
/// Keeps the order of FIFO groups among the messages in hand: one of a group at a time. When one fails, its successors are not run;
/// they go back together, and the group stays fenced until the failed message has come again or its pause is over, because a
/// successor may still be on its way in a receive that was answered before the failure.
/// </summary>
internal sealed class FifoGroups
{
    private readonly Dictionary<string, Queue<MessageLease>> _running = [];
    private readonly Dictionary<string, (string MessageId, DateTimeOffset Until)> _fences = [];

    public GroupDecision Accept(MessageLease lease, DateTimeOffset now)
    {
        if (lease.GroupId is not { } group)
            return GroupDecision.Run;
        if (_fences.TryGetValue(group, out var fence))
        {
            if (lease.MessageId != fence.MessageId && now < fence.Until)
                return GroupDecision.HandBack;
            _fences.Remove(group);
        }
        if (_running.TryGetValue(group, out var successors))
        {
            successors.Enqueue(lease);
            return GroupDecision.Queue;
        }
        _running[group] = new Queue<MessageLease>();
        return GroupDecision.Run;
    }

    /// <summary>The next of the group, which may run now, or null.</summary>
    public MessageLease? Succeeded(MessageLease lease)
    {
        if (lease.GroupId is not { } group || !_running.TryGetValue(group, out var successors))
            return null;
        if (successors.TryDequeue(out var next))
            return next;
        _running.Remove(group);
        return null;
    }

    /// <summary>The successors that must be handed back.</summary>
    public IReadOnlyCollection<MessageLease> Failed(MessageLease lease, DateTimeOffset until)
    {
        if (lease.GroupId is not { } group || !_running.Remove(group, out var successors))
            return [];
        _fences[group] = (lease.MessageId, until);
        return successors;
    }

    /// <summary>Everything that waits for its turn, for handing back at a stop.</summary>
    public IReadOnlyCollection<MessageLease> TakeWaiting()
    {
        var waiting = new List<MessageLease>();
        foreach (var successors in _running.Values)
        {
            waiting.AddRange(successors);
            successors.Clear();
        }
        return waiting;
    }
}

internal enum GroupDecision
{
    /// <summary>None of its group is running.</summary>
    Run,

    /// <summary>It waits for its predecessor.</summary>
    Queue,

    /// <summary>Its predecessor failed and has not come again: it must not overtake.</summary>
    HandBack,
}
