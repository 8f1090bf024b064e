using MassTransit;
using Orchestrator.Service.Documents.Storage;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>
/// Stands before the move to _error: while S3 or the database can't be reached the message stays in its queue and comes again after a pause,
/// a longer one each time. Everything else goes on to _error, where a person finds it with its reason.
/// </summary>
internal sealed class PassingFaultFilter : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
        DocumentBucket.IsPassing(context.Exception) || Persistent.IsPassing(context.Exception)
            ? Task.FromException(context.Exception)
            : next.Send(context);

    public void Probe(ProbeContext context) => context.CreateFilterScope("passingFault");
}
