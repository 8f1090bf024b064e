using System.Collections.Concurrent;
using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class BatchesTests
{
    [Fact]
    public async Task A_flood_goes_out_in_full_batches_and_a_lone_entry_at_once()
    {
        var sizes = new ConcurrentQueue<int>();
        var batches = new Batches<int>(new BatchLimits(int.MaxValue, Parallel: 4, TimeSpan.Zero), _ => 0, async batch =>
        {
            sizes.Enqueue(batch.Count);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }, TimeProvider.System);

        for (var i = 0; i < 1000; i++)
            batches.Add(i);
        await batches.Flush().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(1000, sizes.Sum());
        Assert.InRange(sizes.Count, 100, 110);

        sizes.Clear();
        batches.Add(1);
        await batches.Flush().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([1], sizes);
    }

    [Fact]
    public async Task A_batch_stays_within_its_bytes()
    {
        var batched = new ConcurrentQueue<IReadOnlyList<int>>();
        var batches = new Batches<int>(new BatchLimits(MaxBytes: 100, Parallel: 1, TimeSpan.FromMilliseconds(20)), bytes => bytes, batch =>
        {
            batched.Enqueue(batch);
            return Task.CompletedTask;
        }, TimeProvider.System);

        foreach (var bytes in new[] { 60, 40, 1, 100, 50, 50, 50 })
            batches.Add(bytes);
        await batches.Flush().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.All(batched, batch => Assert.True(batch.Sum() <= 100));
        Assert.Equal(7, batched.Sum(batch => batch.Count));
    }

    [Fact]
    public void The_size_of_a_message_counts_UTF8_bytes_and_attributes()
    {
        var entry = new SendEntry
        {
            Id = "",
            MessageBody = "ä€😀",
            MessageAttributes = new() { ["Name"] = AttributeBudget.Text("ö"), ["Blob"] = new MessageAttribute { DataType = "Binary", BinaryValue = new byte[5] } },
        };
        Assert.Equal(2 + 3 + 4 + (4 + 6 + 2) + (4 + 6 + 5), SendBatches.SizeOf(entry));
    }

    [Fact]
    public async Task Entries_added_while_others_are_under_way_are_never_left_behind()
    {
        var sent = 0;
        var batches = new Batches<int>(new BatchLimits(int.MaxValue, Parallel: 3, TimeSpan.FromMilliseconds(1)), _ => 0, async batch =>
        {
            await Task.Yield();
            Interlocked.Add(ref sent, batch.Count);
        }, TimeProvider.System);

        await Parallel.ForAsync(0, 8, (_, _) =>
        {
            for (var i = 0; i < 2000; i++)
                batches.Add(i);
            return ValueTask.CompletedTask;
        });
        await batches.Flush().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(16_000, sent);
    }
}
