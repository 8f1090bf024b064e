namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>A message as AWS sends it, without any envelope of the bus's. It is told apart by its shape, so the type says nothing: the body is read whole.</summary>
public sealed record AwsNotification;

/// <summary>What a message comes to; made by <see cref="NotificationFilter"/> for the consumer behind it.</summary>
internal sealed record AcquisitionWork(IReadOnlyList<AcquisitionDecision> Decisions);
