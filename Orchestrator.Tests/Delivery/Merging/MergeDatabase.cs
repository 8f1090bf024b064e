using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Merging;

/// <summary>A database of one test, with rows as merges see them.</summary>
internal sealed class MergeDatabase : IAsyncDisposable
{
    private MergeDatabase(NpgsqlDataSource source) => Source = source;

    public NpgsqlDataSource Source { get; }

    public static async Task<MergeDatabase> CreateAsync()
    {
        var source = NpgsqlDataSource.Create(await (await Shared.Environment).CreateDatabaseAsync(Shared.Unique("merge")));
        await Migrator.ApplyAsync(source);
        return new MergeDatabase(source);
    }

    /// <summary>A living node's row.</summary>
    public async Task<Guid> NodeAsync()
    {
        var node = Guid.NewGuid();
        await ExecuteAsync("INSERT INTO orchestrator.node (id, host, name, pid, started_at, renewed_at, lease, lanes) VALUES ($1, 'host', 'name', 1, now(), now(), interval '30 s', '{}')", node);
        return node;
    }

    public Task DeclareDeadAsync(Guid node) => ExecuteAsync("UPDATE orchestrator.node SET dead_at = now(), dead_reason = 'a test' WHERE id = $1", node);

    /// <summary>A task's row.</summary>
    public Task TaskAsync(Guid task, long step) => ExecuteAsync(
        "WITH known AS (INSERT INTO orchestrator.repository (name) VALUES ('acme/app') ON CONFLICT DO NOTHING) INSERT INTO orchestrator.task (id, repository, title, branch, state, stage, step, stage_since, max_retries, created_at, reason) VALUES ($1, 'acme/app', 'A task', 'task/1', 'Held', 'deploy', $2, now(), 3, now(), 'a test')", task, step);

    /// <summary>As if the lease had not been renewed for its whole time.</summary>
    public Task LetRunOutAsync(string repository) => ExecuteAsync("UPDATE orchestrator.merge_lease SET expires_at = clock_timestamp() - interval '1 ms' WHERE repository = $1 AND task IS NOT NULL", repository);

    public async Task<int> ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}

/// <summary>A node of the test's naming.</summary>
internal sealed class NamedNode(Guid id) : IMergeNode
{
    public Guid Id => id;
}
