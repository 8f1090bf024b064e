using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Processes;

namespace Orchestrator.Tests.Simulation;

/// <summary>A process: its number comes again, its number and start together don't, within one boot.</summary>
internal sealed record Proc(int Pid, long Start);

/// <summary>A machine: few pids, so that they are used again soon.</summary>
internal sealed class SimHost(int index)
{
    private readonly Proc?[] _pids = new Proc?[24];
    private int _next;

    public int Boot { get; private set; }
    public DateTimeOffset BootedAt { get; private set; }
    public string Name => $"host{index}/{Boot}";
    public Dictionary<long, Folder> Folders { get; } = [];

    public Proc Spawn(DateTimeOffset now)
    {
        do
            _next = (_next + 1) % _pids.Length;
        while (_pids[_next] is not null);
        return _pids[_next] = new Proc(_next + 100, (long)((now - BootedAt).TotalMilliseconds / 10));
    }

    public bool Lives(Proc? proc) => proc is not null && ReferenceEquals(_pids[proc.Pid - 100], proc);

    public long? StartOf(int pid) => _pids[pid - 100]?.Start;

    public void Kill(Proc? proc)
    {
        if (Lives(proc))
            _pids[proc!.Pid - 100] = null;
    }

    public void Reboot(DateTimeOffset now)
    {
        Array.Clear(_pids);
        Folders.Clear(); // another boot is another host; nobody looks into the folders of the old one
        (Boot, BootedAt) = (Boot + 1, now);
    }
}

internal enum Sight
{
    NotStarted,
    Alive,
    Ended,
    Lost,
}

/// <summary>A run's folder, and the processes that stand in it.</summary>
internal sealed class Folder(SimHost host, Guid job, long run)
{
    public SimHost Host { get; } = host;
    public Guid Job { get; } = job;
    public long Run { get; } = run;
    public Proc? Wrapper { get; set; }
    public Proc? Agent { get; set; }
    public bool IsWritten { get; set; }
    public ExitOutcome? Exit { get; set; }

    /// <summary>Who took the job from the run while its agent lived.</summary>
    public string? Disowned { get; set; }

    public bool AgentLives => Host.Lives(Agent);

    public Sight Look() => Exit is not null ? Sight.Ended : Host.Lives(Wrapper) ? Sight.Alive : IsWritten ? Sight.Lost : Sight.NotStarted;

    public bool Abandon()
    {
        if (Host.Lives(Wrapper) || IsWritten)
            return false;
        Exit = new ExitOutcome(75, null, "never started", null);
        return true;
    }

    public void KillTree()
    {
        Host.Kill(Agent);
        Host.Kill(Wrapper);
    }
}

/// <summary>What a node believes of a run that it carries out.</summary>
internal sealed class Entry(Job job)
{
    public Job Job { get; set; } = job;
    public StopReason Reason { get; set; }
    public bool IsOver { get; set; }
    public Action? Stopped { get; set; }
}

/// <summary>A node's process and what it believes. A stalled one does nothing and goes on with stale beliefs.</summary>
internal sealed class SimNode(SimHost host, int index, TimeSpan skew)
{
    public SimHost Host { get; } = host;
    public int Index { get; } = index;

    /// <summary>How far its clock is off; spans of time it measures right.</summary>
    public TimeSpan Skew { get; } = skew;

    public int Life { get; set; }
    public Proc? Process { get; set; }
    public NodeIdentity Identity { get; set; } = new(Guid.Empty, "", "", 0, 0);
    public DateTimeOffset RenewedAt { get; set; }
    public DateTimeOffset StalledUntil { get; set; }
    public DateTimeOffset AwakeSince { get; set; }
    public DateTimeOffset CleanedAt { get; set; }
    public bool IsRegistered { get; set; }
    public Dictionary<Guid, int> Carried { get; } = [];
    public List<Entry> Running { get; } = [];
    public Dictionary<string, int> Permits { get; } = [];
    public HashSet<long> Suspects { get; set; } = [];
    public HashSet<(Guid, long)> Uncarried { get; set; } = [];

    public bool Lives => Host.Lives(Process);
    public override string ToString() => $"node{Index}.{Life}";
}
