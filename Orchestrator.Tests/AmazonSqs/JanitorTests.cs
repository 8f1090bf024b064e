using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class JanitorTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_sweep_removes_what_a_dead_owner_left_with_its_subscriptions_and_nothing_else()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var queues = new TestQueues(tap.Url);
        var prefix = Shared.Unique("janitor");
        await CreateAsync(queues, prefix + "-dead", TemporaryQueueTags.Stamp(new Dictionary<string, string>(), Now - TimeSpan.FromHours(5)));
        var subscription = new Dictionary<string, string> { [TemporaryQueueTags.SubscriptionPrefix + "0"] = "arn:aws:sns:us-east-1:000000000000:gone:1" };
        await queues.Client.TagQueue(await queues.UrlAsync(prefix + "-dead"), subscription, CancellationToken.None);
        await CreateAsync(queues, prefix + "-alive", TemporaryQueueTags.Stamp(new Dictionary<string, string>(), Now - TimeSpan.FromMinutes(30)));
        await CreateAsync(queues, prefix + "-renewed", TemporaryQueueTags.Stamp(new Dictionary<string, string>(), Now - TimeSpan.FromDays(9)));
        await queues.Client.TagQueue(await queues.UrlAsync(prefix + "-renewed"), TemporaryQueueTags.Renewal(Now), CancellationToken.None);
        await queues.CreateAsync(prefix + "-foreign");
        var settings = new AmazonSqsHostSettings("us-east-1");
        settings.AccessKey("test");
        settings.SecretKey("test");
        settings.ServiceUrl(tap.Url);
        using var janitor = new TemporaryQueueJanitor(settings, TimeProvider.System, NullLogger<TemporaryQueueJanitor>.Instance);

        var removed = await janitor.Sweep(prefix);

        Assert.Equal([prefix + "-dead"], removed);
        Assert.False(await queues.ExistsAsync(prefix + "-dead"));
        Assert.True(await queues.ExistsAsync(prefix + "-alive"));
        Assert.True(await queues.ExistsAsync(prefix + "-renewed"));
        Assert.True(await queues.ExistsAsync(prefix + "-foreign"));
        Assert.Equal(1, tap.CountOf("Unsubscribe"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => janitor.Sweep(prefix, TimeSpan.FromMinutes(1)));
    }

    private static Task<QueueUrlResponse> CreateAsync(TestQueues queues, string name, Dictionary<string, string> tags) =>
        queues.Client.CreateQueue(new CreateQueueRequest { QueueName = name, Tags = tags }, CancellationToken.None);
}
