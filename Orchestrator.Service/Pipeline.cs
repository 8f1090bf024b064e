using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service;

/// <summary>What a message passes on its way in, first line first; on the way out it runs in reverse.</summary>
internal static class Pipeline
{
    /// <summary>Every endpoint that does heavy work. Protection comes before anything that can wait.</summary>
    public static void Receive(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureReceive(message =>
        {
            message.UseVisibilityExtension(); // Protect: held from here until it is settled, however long it waits and works
        });
    }

    /// <summary>One job of a wake-up.</summary>
    public static IPipe<JobContext> Journey(IServiceProvider services) => Pipe.New<JobContext>(job =>
    {
        job.UseFilter(services.GetRequiredService<OldNewsFilter>());         // ended, held or running elsewhere: never waits for a permit
        job.UseFilter(services.GetRequiredService<FinalizeFilter>());        // on the way out: the outcome is committed, the permit is free again
        job.UseFilter(services.GetRequiredService<WaitingLineFilter>());     // where the lane says so, quick work is claimed while it waits
        job.UseFilter(services.GetRequiredService<ConcurrencyLimitFilter>()); // Permit: the lane's and the process's
        job.UseFilter(services.GetRequiredService<ClaimFilter>());           // Queued → Running, or forget the message
        job.UseFilter(services.GetRequiredService<RunFilter>());             // the handler
    });

    /// <summary>A consumer of foreign messages that does heavy work itself, without a job: the same order.</summary>
    /// <param name="endpoint">Its endpoint.</param>
    /// <param name="process">The process's permits.</param>
    /// <param name="look">Settles what is no work, before it waits for a permit.</param>
    public static void Heavy(IReceiveEndpointConfigurator endpoint, Permits process, IFilter<ConsumeContext> look)
    {
        Receive(endpoint);
        endpoint.UseFilter(look);                                            // ignored: never waits for a permit
        endpoint.UseFilter(new MessagePermitFilter(process));                // Permit
    }
}
