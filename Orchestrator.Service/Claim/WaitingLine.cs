using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Claim;

/// <summary>
/// The jobs of a lane that wait for a permit in this process, first come first. While the lane's runs are quick, whoever claims takes those
/// behind it along: else a transaction could claim no more jobs than there are permits, and quick work would wait for the disk.
/// </summary>
/// <remarks>It takes nothing from other nodes: the messages of those who stand here are held by this process anyway.</remarks>
internal sealed class WaitingLine
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Place> _waiting = [];
    private TimeSpan _typicalRun = TimeSpan.FromSeconds(1); // slow until proven quick

    /// <summary>Are the lane's runs so quick that whoever stands here is soon on?</summary>
    public bool IsQuick
    {
        get
        {
            lock (_lock)
                return _typicalRun <= ClaimAhead.Horizon;
        }
    }

    public Place Join(Guid job)
    {
        lock (_lock)
        {
            var place = new Place(job);
            place.Node = _waiting.AddLast(place);
            return place;
        }
    }

    /// <summary>Nobody claims for this place any more. Gives, once, the claim that somebody made or is making for it; null if there is none.</summary>
    public Task<(ClaimAnswer Answer, Job? Job)>? Leave(Place place)
    {
        lock (_lock)
        {
            if (place.Node is { } node)
            {
                _waiting.Remove(node);
                place.Node = null;
            }

            var claim = place.Claim;
            place.Claim = null;
            return claim;
        }
    }

    /// <summary>The first in the line, as many as may be claimed ahead now; they get their answer through their place.</summary>
    public IReadOnlyList<Place> TakeAhead(LaneOptions lane)
    {
        lock (_lock)
        {
            var places = new List<Place>();
            for (var left = ClaimAhead.Allowed(lane, _typicalRun); left > 0 && _waiting.First is { } first; left--)
            {
                _waiting.RemoveFirst();
                first.Value.Node = null;
                first.Value.Promise();
                places.Add(first.Value);
            }

            return places;
        }
    }

    /// <summary>One slow run counts at once, quick ones count slowly.</summary>
    public void Ran(TimeSpan run)
    {
        lock (_lock)
            _typicalRun = run > _typicalRun ? run : _typicalRun - ((_typicalRun - run) / 10);
    }
}

/// <summary>One job's place in the line.</summary>
internal sealed class Place(Guid jobId)
{
    private TaskCompletionSource<(ClaimAnswer, Job?)>? _promised;

    public Guid JobId { get; } = jobId;

    /// <summary>Where it stands; null once it has left or is being claimed.</summary>
    public LinkedListNode<Place>? Node { get; set; }

    /// <summary>The claim that somebody makes for it.</summary>
    public Task<(ClaimAnswer Answer, Job? Job)>? Claim { get; set; }

    public void Promise()
    {
        _promised = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Claim = _promised.Task;
    }

    public void Answer((ClaimAnswer, Job?) answer) => _promised!.SetResult(answer);

    public void Fail(Exception exception) => _promised!.SetException(exception);
}
