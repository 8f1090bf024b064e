using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.Wire;
using Orchestrator.Service.Receive;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

/// <summary>A node with one permit for all heavy work, whose requests to SQS are watched.</summary>
public sealed class OnePermit : IAsyncLifetime
{
    public WireTap Tap { get; private set; } = null!;
    public DocumentNode Node { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var settings = new Dictionary<string, string?> { ["Work:Permits"] = "1", ["Documents:Acquisition:Visibility"] = "00:00:02" };
        foreach (var lane in (string[])["ingestion", "matching", "diagnostics-recompute", "document-output"])
            settings[$"Lanes:{lane}:Visibility"] = "00:00:02";
        Node = await DocumentNode.StartAsync(settings, Tap.Url);
    }

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await Tap.DisposeAsync();
    }
}

public sealed class ProtectionTests(OnePermit shared) : IClassFixture<OnePermit>
{
    private DocumentNode Node => shared.Node;

    [Theory]
    [InlineData("ingestion")]
    [InlineData("matching")]
    [InlineData("diagnostics-recompute")]
    [InlineData("document-output")]
    [Trait("Requirement", "PROT-1")]
    [Trait("Requirement", "PROT-2")]
    public async Task A_job_whose_only_permit_is_held_elsewhere_is_protected_before_it_is_claimed(string lane)
    {
        Guid job;
        using (await Node.Permits.TakeAsync(default))
        {
            job = (await Node.SubmitAsync(lane, Guid.NewGuid(), 1)).JobId;
            await ExtendedAsync(Node.Prefix + lane);

            var waiting = await Node.Node.Jobs.GetAsync(job);
            Assert.Equal(("Queued", null, 1), (waiting!.State, waiting.RunId, Node.Permits.Use.Waiting));
            Assert.Equal(1, Node.Node.Services.GetRequiredService<Lanes>()[lane].Permits.Use.InUse); // the lane's own came first
        }

        await Eventually.IsAsync(() => Node.Node.Jobs.GetAsync(job), ended => ended!.State == "Succeeded", "the job has its permit and ends");
        await Eventually.IsAsync(() => Node.Queues.CountAsync(Node.Prefix + lane), left => left == 0, "its message is deleted");
        Assert.Equal(0, await Node.Queues.CountAsync(Node.Prefix + lane + "_dlq"));
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    [Trait("Requirement", "PROT-2")]
    [Trait("Requirement", "PROT-3")]
    public async Task A_notification_whose_only_permit_is_held_elsewhere_is_protected_before_anything_is_pulled()
    {
        using (await Node.Permits.TakeAsync(default))
        {
            await Node.PutFileAsync("a.xml", Path.Combine(Repository.Root, "samples", "xml", "26-3301.ubl.xml"));
            await ExtendedAsync(Node.AcquisitionQueue);

            Assert.Equal(1, Node.Permits.Use.Waiting);
            Assert.Empty(await Node.DocumentsAsync());
        }

        await Node.SettledAsync(1);
        Assert.Equal(0, await Node.Queues.CountAsync(Node.AcquisitionQueue + "_dlq"));
    }

    /// <summary>Three extensions: by then its first visibility has run out, and without them it would have come again.</summary>
    private Task ExtendedAsync(string queue) => Eventually.IsTrueAsync(
        () => shared.Tap.Requests.Count(request => request.Action == "ChangeMessageVisibilityBatch" && IsExtensionOf(request.Body, queue)) >= 3, $"the message of {queue} is extended three times");

    private static bool IsExtensionOf(string body, string queue)
    {
        var request = JsonNode.Parse(body)!;
        return request["QueueUrl"]!.GetValue<string>().EndsWith("/" + queue, StringComparison.Ordinal)
            && request["Entries"]!.AsArray().All(entry => entry!["VisibilityTimeout"]!.GetValue<int>() > 0);
    }
}
