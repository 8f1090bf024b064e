namespace Orchestrator.AmazonSqs;

/// <summary>
/// Remembers which messages are settled, so that a redelivery (the delete failed, or SQS delivered twice) is deleted without being
/// run again. It keeps the last so many in two generations; a message seen again counts as fresh.
/// </summary>
internal sealed class SettledMemory(int capacity)
{
    private readonly Lock _lock = new();
    private HashSet<string> _young = [];
    private HashSet<string> _old = [];

    public void Add(string messageId)
    {
        lock (_lock)
        {
            if (_young.Count >= capacity / 2)
                (_old, _young) = (_young, []);
            _young.Add(messageId);
        }
    }

    public bool Contains(string messageId)
    {
        lock (_lock)
        {
            if (_young.Contains(messageId))
                return true;
            if (!_old.Contains(messageId))
                return false;
        }
        Add(messageId);
        return true;
    }
}
