using MassTransit;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Persistence;

/// <summary>A process is killed with SIGKILL in each window between the commit of a message and the deletion of its row, and another one goes on.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private readonly Guid _chore = NewId.NextGuid();
    private string _connectionString = null!;
    private NpgsqlDataSource _database = null!;
    private NpgsqlConnection _holder = null!;
    private NpgsqlConnection _life = null!;

    public async Task InitializeAsync()
    {
        _connectionString = await ChoreDb.CreateDatabaseAsync();
        _database = NpgsqlDataSource.Create(_connectionString);
        _holder = await _database.OpenConnectionAsync();
        _life = await _database.OpenConnectionAsync();
        await ExecuteAsync(_life, $"SELECT pg_advisory_lock({CrashProgram.TestIsOver})");
    }

    public async Task DisposeAsync()
    {
        await _holder.DisposeAsync();
        await _life.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    [Trait("Requirement", "JOB-1")]
    public async Task Killed_after_the_commit_and_before_the_send_the_message_is_delivered_once_by_the_next_process()
    {
        await HoldAsync(CrashProgram.BeforeSend);
        using var process = Start();
        await ReachedAsync(CrashProgram.BeforeSend);
        Assert.Equal((1L, 0L), (await RowsAsync(), await EffectsAsync()));

        await process.SignalAsync("KILL");
        await process.EndAsync();

        await TheNextProcessDeliversOnceAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task Killed_in_the_middle_of_the_consumer_the_message_is_delivered_once_by_the_next_process()
    {
        await HoldAsync(CrashProgram.WhileConsuming);
        using var process = Start();
        await ReachedAsync(CrashProgram.WhileConsuming);
        Assert.Equal((1L, 0L), (await RowsAsync(), await EffectsAsync()));

        await process.SignalAsync("KILL");
        await process.EndAsync();

        await TheNextProcessDeliversOnceAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task Killed_after_the_consumer_has_committed_and_before_the_row_is_gone_the_second_delivery_has_no_effect()
    {
        await HoldAsync(CrashProgram.WhileConsuming);
        using var process = Start();
        await ReachedAsync(CrashProgram.WhileConsuming);
        await using (var deletes = await _database.OpenConnectionAsync())
        {
            await using var transaction = await deletes.BeginTransactionAsync();
            await ExecuteAsync(deletes, "LOCK TABLE orchestrator.outbox IN SHARE ROW EXCLUSIVE MODE");
            await ExecuteAsync(_holder, "SELECT pg_advisory_unlock_all()");
            await Soon.IsAsync(1L, EffectsAsync);

            await process.SignalAsync("KILL");
            await process.EndAsync();

            // The server would still carry out the delete that it has already received.
            await ScalarAsync($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), {deletes.ProcessID}, {_holder.ProcessID}, {_life.ProcessID})");
        }
        Assert.Equal((1L, 1L), (await RowsAsync(), await EffectsAsync()));

        await TheNextProcessDeliversOnceAsync();
    }

    private Command Start() => Command.Start(
        "dotnet",
        ["exec", typeof(CrashProgram).Assembly.Location, "crash", _chore.ToString()],
        environment: new Dictionary<string, string?> { [CrashProgram.ConnectionStringVariable] = _connectionString });

    private async Task TheNextProcessDeliversOnceAsync()
    {
        await ExecuteAsync(_holder, "SELECT pg_advisory_unlock_all()");
        await using var next = await ChoreHost.StartAsync(_connectionString, bus: x => x.AddConsumer<ChoreDoneConsumer>());

        await Soon.IsAsync(0L, RowsAsync);
        Assert.Equal(1L, await EffectsAsync());
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM orchestrator.inbox"));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM orchestrator.outbox_dead"));
        Assert.Equal("Done", (await next.ReadAsync(_chore))!.State);
    }

    private Task ReachedAsync(long barrier) =>
        Soon.IsAsync(1L, () => ScalarAsync($"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = {barrier} AND classid = 0 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));

    private Task HoldAsync(long barrier) => ExecuteAsync(_holder, $"SELECT pg_advisory_lock({barrier})");

    private Task<long> RowsAsync() => ScalarAsync("SELECT count(*) FROM orchestrator.outbox");

    private Task<long> EffectsAsync() => ScalarAsync("SELECT count(*) FROM effects");

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
