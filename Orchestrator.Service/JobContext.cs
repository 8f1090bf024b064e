using MassTransit.Middleware;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service;

/// <summary>One job on its way through the pipeline.</summary>
internal sealed class JobContext(Guid jobId, Lane lane, MessageLease? lease, CancellationToken protection, CancellationToken stopping) : BasePipeContext(protection)
{
    public Guid JobId { get; } = jobId;
    public Lane Lane { get; } = lane;

    /// <summary>The message that carries it; null where the transport has no leases.</summary>
    public MessageLease? Lease { get; } = lease;

    /// <summary>Fires when the message's protection is lost.</summary>
    public CancellationToken Protection { get; } = protection;

    /// <summary>Fires when the node stops: what has not started is handed back.</summary>
    public CancellationToken Stopping { get; } = stopping;

    /// <summary>Its place among those of its lane that wait for a permit.</summary>
    public Place? Place { get; set; }

    /// <summary>The lane's permit, while it has one: an external process keeps it after the message is settled.</summary>
    public KeptPermit? LanePermit { get; set; }

    /// <summary>The claimed job; null until this process owns the run.</summary>
    public Job? Job { get; set; }

    /// <summary>Its lane waits for this outcome to be stored before it claims again.</summary>
    public bool HasForewarned { get; set; }

    /// <summary>How the run ended; null until it has.</summary>
    public Ending? Ending { get; set; }
}
