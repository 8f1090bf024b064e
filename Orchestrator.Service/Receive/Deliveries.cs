namespace Orchestrator.Service.Receive;

/// <summary>
/// What a lane's messages went through in this process. A receive count above 1 is the first sign of lost protection, long
/// before anything is in a dead-letter queue.
/// </summary>
internal sealed class Deliveries
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, long> _byReceiveCount = [];
    private int _held, _mostHeld;

    public DeliveryUse Use
    {
        get
        {
            lock (_lock)
                return new DeliveryUse(_held, _mostHeld, new SortedDictionary<int, long>(_byReceiveCount));
        }
    }

    public void Began()
    {
        lock (_lock)
            _mostHeld = Math.Max(_mostHeld, ++_held);
    }

    /// <param name="receiveCount">As of now: a message that was received again while it was held has a higher one than at the start.</param>
    public void Ended(int receiveCount)
    {
        lock (_lock)
        {
            _held--;
            _byReceiveCount[receiveCount] = _byReceiveCount.GetValueOrDefault(receiveCount) + 1;
        }
    }
}

/// <param name="Held">Messages in this process now, waiting or worked on.</param>
/// <param name="MostHeld">Most ever held at once since the start.</param>
/// <param name="ByReceiveCount">Deliveries that ended here, by how often SQS had handed the message out by then.</param>
public sealed record DeliveryUse(int Held, int MostHeld, IReadOnlyDictionary<int, long> ByReceiveCount);
