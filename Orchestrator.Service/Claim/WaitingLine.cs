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
    private readonly Dictionary<Guid, Expected> _expected = [];
    private int _claimedUnpermitted; // expected, or here with a claim and no permit yet
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

    /// <summary>Is the lane's work so quick that its jobs may be claimed before they are woken?</summary>
    public bool MayClaimReady(LaneOptions lane)
    {
        lock (_lock)
            return ClaimAhead.Allowed(lane, _typicalRun) > 0;
    }

    /// <summary>How many jobs one wake-up may name: one, but in quick lanes as many as have their permits at about the same time.</summary>
    public int PerWakeUp(LaneOptions lane)
    {
        lock (_lock)
            return Math.Clamp(ClaimAhead.Allowed(lane, _typicalRun), 1, ClaimAhead.MostPerWakeUp);
    }

    /// <summary>How many more ready jobs may be claimed before their wake-ups are sent: none in heavy lanes, and none until half of the last have a permit.</summary>
    public int RoomToClaimReady(LaneOptions lane)
    {
        lock (_lock)
        {
            var allowed = ClaimAhead.Allowed(lane, _typicalRun);
            return _claimedUnpermitted <= allowed / 2 ? allowed - _claimedUnpermitted : 0;
        }
    }

    /// <summary>A job that this process has claimed and whose wake-up is on its way here.</summary>
    /// <param name="job">The claimed job.</param>
    /// <param name="carried">Says that it is in this process's hands; given back when it has joined the line.</param>
    public void Expect(Job job, IDisposable carried)
    {
        lock (_lock)
        {
            _expected.Add(job.Id, new Expected(job, carried));
            _claimedUnpermitted++;
        }
    }

    /// <summary>Has this process claimed the job and waits for its wake-up?</summary>
    public bool Expects(Guid job)
    {
        lock (_lock)
            return _expected.ContainsKey(job);
    }

    /// <summary>Those of the given jobs, or all, that are expected and have not come: whoever asks hands them back.</summary>
    public IReadOnlyList<Job> ExpectNoMore(IEnumerable<Guid>? jobs = null)
    {
        var gone = new List<Job>();
        lock (_lock)
        {
            foreach (var id in jobs ?? [.. _expected.Keys])
            {
                if (!_expected.Remove(id, out var expected))
                    continue;
                _claimedUnpermitted--;
                expected.Carried.Dispose();
                gone.Add(expected.Job);
            }
        }

        return gone;
    }

    public Place Join(Guid job)
    {
        lock (_lock)
        {
            var place = new Place(job);
            if (_expected.Remove(job, out var expected))
            {
                place.Give(expected.Job);
                expected.Carried.Dispose(); // whoever joins carries the job himself
            }
            else
            {
                place.Node = _waiting.AddLast(place);
            }

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
            if (claim is not null && place.WasExpected)
                _claimedUnpermitted--;
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

    private readonly record struct Expected(Job Job, IDisposable Carried);
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

    /// <summary>It was claimed before it came.</summary>
    public bool WasExpected { get; private set; }

    public void Give(Job job)
    {
        Claim = Task.FromResult<(ClaimAnswer, Job?)>((ClaimAnswer.Won, job));
        WasExpected = true;
    }

    public void Promise()
    {
        _promised = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Claim = _promised.Task;
    }

    public void Answer((ClaimAnswer, Job?) answer) => _promised!.SetResult(answer);

    public void Fail(Exception exception) => _promised!.SetException(exception);
}
