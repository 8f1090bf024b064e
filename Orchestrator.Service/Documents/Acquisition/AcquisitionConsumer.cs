using MassTransit;
using static Orchestrator.Service.Documents.Acquisition.AcquisitionDecision;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>
/// Carries out what a notification of AWS asks for. The transport deletes the message only after this has returned, so after the commit of every
/// record in it: that is the deferred delete. A crash in between brings the message again; each object is then recognised by its identity, nothing
/// runs, and the delete goes out with the newest receipt handle. Any exception leaves the message where it is, or moves it to _error with the reason.
/// </summary>
internal sealed class AcquisitionConsumer(Acquirer acquirer) : IConsumer<AwsNotification>
{
    public async Task Consume(ConsumeContext<AwsNotification> context)
    {
        var decisions = context.GetPayload<AcquisitionWork>().Decisions;
        foreach (var decision in decisions)
            await acquirer.CarryOutAsync(decision, context.CancellationToken);

        // Last, so that the records beside it are not lost with it; those are done, and a second try of the message knows them.
        if (decisions.OfType<Unrecognised>().Select(unrecognised => unrecognised.Reason).ToList() is { Count: > 0 } reasons)
            throw new NotSupportedException(string.Join(" ", reasons));
    }
}
