using System.Diagnostics.Metrics;

namespace Orchestrator.AmazonSqs;

/// <summary>The instruments of the meter "Orchestrator.AmazonSqs".</summary>
internal static class Telemetry
{
    public const string MeterName = "Orchestrator.AmazonSqs";

    private static readonly Meter Meter = new(MeterName);

    public static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("sqs.requests", "{request}", "Requests by action");
    public static readonly Counter<long> Received =
        Meter.CreateCounter<long>("sqs.messages.received", "{message}", "Messages received");
    public static readonly Counter<long> Deleted =
        Meter.CreateCounter<long>("sqs.messages.deleted", "{message}", "Messages deleted");
    public static readonly Counter<long> HandedBack =
        Meter.CreateCounter<long>("sqs.messages.handed_back", "{message}", "Messages made visible again without having run; each burnt one receive count");
    public static readonly Counter<long> Redelivered =
        Meter.CreateCounter<long>("sqs.messages.redelivered_settled", "{message}", "Redeliveries of settled work, deleted without running it");
    public static readonly Counter<long> Swapped =
        Meter.CreateCounter<long>("sqs.messages.redelivered_running", "{message}", "Redeliveries of running work, whose newest handle was taken over");
    public static readonly Counter<long> Extensions =
        Meter.CreateCounter<long>("sqs.lease.extensions", "{extension}", "Visibility extensions that succeeded");
    public static readonly Counter<long> FailedExtensions =
        Meter.CreateCounter<long>("sqs.lease.failed_extensions", "{extension}", "Visibility extensions that failed and are retried");
    public static readonly Counter<long> LeasesLost =
        Meter.CreateCounter<long>("sqs.lease.lost", "{message}", "Messages whose lease was lost while they were held");
    public static readonly UpDownCounter<long> Held =
        Meter.CreateUpDownCounter<long>("sqs.messages.held", "{message}", "Messages held now");
    public static readonly Histogram<int> ReceiveCounts =
        Meter.CreateHistogram<int>("sqs.messages.receive_count", "{receive}", "Receive count of each delivered message");
    public static readonly Histogram<int> BatchSizes =
        Meter.CreateHistogram<int>("sqs.batch.size", "{entry}", "Entries per batch request");
    public static readonly Counter<long> EmptyReceives =
        Meter.CreateCounter<long>("sqs.receives.empty", "{request}", "Receives that brought nothing");
}
