using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.AmazonSqs;
using Orchestrator.Contracts;
using Orchestrator.Service.Run;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class BusEndpointTests
{
    [Theory]
    [InlineData("InMemory")]
    [InlineData("AmazonSqs")]
    [Trait("Requirement", "JOB-7")]
    public async Task A_job_is_requested_refused_cancelled_and_retried_over_the_bus(string transport)
    {
        var prefix = Shared.Unique("b") + "-";
        await using var node = await StartAsync(prefix, transport);
        var bus = node.Services.GetRequiredService<IBus>();
        var queue = new Uri($"queue:{prefix}jobs");
        var enqueue = bus.CreateRequestClient<EnqueueJob>(queue, RequestTimeout.After(s: 60));

        var accepted = (await enqueue.GetResponse<JobAccepted>(new EnqueueJob { Lane = "work", AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1), DedupeKey = "k" })).Message;
        var again = (await enqueue.GetResponse<JobAccepted>(new EnqueueJob { Lane = "work", DedupeKey = "k" })).Message;
        var rejected = (await enqueue.GetResponse<JobRejected>(new EnqueueJob { Lane = "worc", Payload = JsonSerializer.SerializeToElement(7) })).Message;

        Assert.Equal((false, new JobAccepted(accepted.JobId, Duplicate: true)), (accepted.Duplicate, again));
        Assert.Equal(2, rejected.Errors.Count);
        Assert.StartsWith("lane: 'worc' is not a lane. Did you mean 'work'?", rejected.Errors[0], StringComparison.Ordinal);
        Assert.Equal("Cancelled", await CommandAsync(new CancelRequested(accepted.JobId, "over the bus")));
        Assert.Equal("Queued", await CommandAsync(new RetryRequested(accepted.JobId)));
        await node.BecomesAsync(accepted.JobId, "Succeeded");

        async Task<string?> CommandAsync<T>(T command)
            where T : class => (await bus.CreateRequestClient<T>(queue, RequestTimeout.After(s: 60)).GetResponse<JobCommandDone>(command)).Message.State;
    }

    [Theory]
    [InlineData("InMemory")]
    [InlineData("AmazonSqs")]
    [Trait("Requirement", "JOB-3")]
    public async Task The_end_of_a_job_is_announced_once_through_the_outbox(string transport)
    {
        var heard = new ConcurrentQueue<JobEnded>();
        var prefix = Shared.Unique("e") + "-";
        await using var node = await StartAsync(prefix, transport);
        var listener = node.Services.GetRequiredService<IBus>().ConnectReceiveEndpoint(prefix + "listener", endpoint => endpoint.Handler<JobEnded>(context =>
        {
            heard.Enqueue(context.Message);
            return Task.CompletedTask;
        }));
        await listener.Ready;

        var done = await node.SubmitAsync(new("work") { Announce = true });
        var silent = await node.SubmitAsync();
        var failed = await node.SubmitAsync(new("work", """{"fail":true}""") { Announce = true });
        var cancelled = await node.SubmitAsync(new("work") { Announce = true, AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        await node.Jobs.CancelAsync(cancelled, "not needed");

        await Eventually.IsTrueAsync(() => heard.Count >= 3, "three ends were announced");
        await node.BecomesAsync(silent, "Succeeded");
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"), rows => rows == 0, "the outbox is empty");
        Assert.Equal(
            new[] { (done, "Succeeded", null), (failed, "Failed", "as asked"), (cancelled, "Cancelled", "not needed") }.OrderBy(e => e.Item2),
            heard.Select(e => (e.JobId, e.State, e.Reason)).OrderBy(e => e.State));
        await listener.StopAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task What_cannot_be_read_on_a_lanes_queue_goes_to_its_error_queue_and_what_nobody_takes_to_its_skipped_queue()
    {
        var prefix = Shared.Unique("m") + "-";
        await using var node = await StartAsync(prefix, "AmazonSqs");
        using var queues = new TestQueues((await Shared.Environment).ServiceUrl);
        var queue = prefix + "work";

        await queues.SendAsync(queue, new SendEntry { Id = "", MessageBody = "this is not JSON" });
        await queues.SendAsync(queue, new SendEntry
        {
            Id = "",
            MessageBody = """{"messageId":"6f1c0000-5d2f-0015-aaaa-08dc0a0a0a0a","messageType":["urn:message:Somebody.Else:Order"],"message":{"number":1}}""",
        });

        var broken = await MovedAsync("_error");
        Assert.Equal("fault", broken[MessageHeaders.Reason].StringValue);
        Assert.NotEmpty(broken[MessageHeaders.FaultMessage].StringValue!);
        Assert.Equal("dead-letter", (await MovedAsync("_skipped"))[MessageHeaders.Reason].StringValue);
        await Eventually.IsAsync(() => queues.CountAsync(queue), count => count == 0, "the lane's queue is empty");
        Assert.Equal(0, await queues.CountAsync(queue + "_dlq"));
        await node.BecomesAsync(await node.SubmitAsync(), "Succeeded");

        async Task<Dictionary<string, MessageAttribute>> MovedAsync(string suffix)
        {
            await Eventually.IsAsync(() => queues.ExistsAsync(queue + suffix), exists => exists, $"there is a queue {suffix}");
            return Assert.Single(await queues.ReceiveAsync(queue + suffix)).MessageAttributes!;
        }
    }

    private static Task<TestNode> StartAsync(string prefix, string transport) => EngineNode.StartAsync(
        (run, _) => Task.FromResult(run.Payload.Contains("fail", StringComparison.Ordinal) ? JobOutcome.Fail("as asked") : JobOutcome.Done()),
        null, [.. EngineNode.OnSqs(prefix), ("Bus:Transport", transport)]);
}
