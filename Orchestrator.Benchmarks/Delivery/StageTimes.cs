using System.Globalization;
using Orchestrator.Local;
using Orchestrator.Local.Storm;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Benchmarks.Delivery;

/// <summary>How long a stage takes whose work takes no time: from the timeline of tasks that go through one after the other.</summary>
internal static class StageTimes
{
    private const int WarmUp = 2;

    public static async Task MeasureAsync(LocalEnvironment environment, string folder, BusTransport transport, int tasks)
    {
        await using var yard = await DeliveryYard.SetAsync(folder, repositories: 1);
        await using var node = await DeliveryNode.StartAsync(environment, transport, yard.Settings);
        // Those that are sent back or overtaken take further rounds.
        var changes = Enumerable.Range(0, int.MaxValue).Where(change => !DeliveryYard.IsSentBack(change) && !DeliveryYard.IsOvertaken(change)).Take(tasks + WarmUp).ToList();
        foreach (var change in changes)
            await node.DeliverAsync(yard, change);

        var stages = new List<(string Stage, double Milliseconds)>();
        var wholes = new List<double>();
        await using (var command = node.Database.CreateCommand(
            """
            SELECT e.stage, extract(epoch FROM e.at - lag(e.at) OVER (PARTITION BY e.task ORDER BY e.seq)) * 1000, extract(epoch FROM e.at - t.created_at) * 1000, e.what
            FROM orchestrator.task_event e JOIN orchestrator.task t ON t.id = e.task WHERE t.seq > $1 ORDER BY e.seq
            """))
        {
            command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = (long)WarmUp });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                if (!reader.IsDBNull(1))
                    stages.Add((reader.GetString(0), (double)reader.GetDecimal(1)));
                if (reader.GetString(3) == "Completed")
                    wholes.Add((double)reader.GetDecimal(2));
            }
        }

        Table.Write(
            string.Create(CultureInfo.InvariantCulture, $"Milliseconds of a stage whose work takes no time, {transport}, {tasks} tasks one after the other, all settings at their defaults"),
            ["stage", "p50", "p99", "most"],
            [.. stages.GroupBy(stage => stage.Stage).Select(group => Row(group.Key, group.Select(stage => stage.Milliseconds))), Row("all stages", wholes)]);
    }

    private static IReadOnlyList<object> Row(string name, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return [name, Table.Quantile(sorted, 0.5), Table.Quantile(sorted, 0.99), sorted[^1]];
    }
}
