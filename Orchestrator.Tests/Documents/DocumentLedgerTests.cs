using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents;

/// <summary>What the statements and constraints refuse, whoever asks: work on a document that has moved on, and rows that mean nothing.</summary>
public sealed class DocumentLedgerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string Sha256 = new('a', 64);

    private NpgsqlDataSource _database = null!;
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await (await Shared.Environment).CreateDatabaseAsync(Shared.Unique("ledger")));
        await Migrator.ApplyAsync(_database);
        _connection = await _database.OpenConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_document_that_has_moved_on_is_neither_moved_nor_changed_by_older_work()
    {
        var seen = await StoredAsync();
        Assert.Equal(2, await MoveAsync(seen, new StatusChange(DocumentStatus.NeedsReview, "First", "The first one was quicker."), revise: true));
        var now = await GetAsync(seen.Id);

        Assert.Null(await MoveAsync(seen, new StatusChange(DocumentStatus.Failed, "Second", "It saw what was before.")));
        Assert.Null(await MoveAsync(now with { Status = DocumentStatus.Received }, new StatusChange(DocumentStatus.Failed, "Status", "Another status.")));
        Assert.Null(await MoveAsync(now with { Rev = 1 }, new StatusChange(DocumentStatus.Failed, "Rev", "An older revision.")));
        await DocumentLedger.StoreColumnsAsync(_connection, seen, new ComparedColumns { Number = "late" }, CancellationToken.None);

        Assert.Equal(now, await GetAsync(seen.Id));
    }

    [Fact]
    [Trait("Requirement", "DOC-3")]
    public async Task Of_two_runs_that_end_together_one_moves_the_document()
    {
        var seen = await StoredAsync();

        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            await using var connection = await _database.OpenConnectionAsync();
            return await DocumentLedger.MoveAsync(connection, seen, new StatusChange(DocumentStatus.Split), revise: false, Now, CancellationToken.None);
        })));

        Assert.Single(won, rev => rev is not null);
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task Diagnostics_of_an_older_revision_replace_nothing()
    {
        var seen = await StoredAsync();
        await MoveAsync(seen, new StatusChange(DocumentStatus.NeedsReview, "Review", "Somebody has to look."), revise: true);
        Assert.Equal(DocumentStatus.NeedsReview, await ReplaceAsync(rev: 2, "of the second"));

        Assert.Null(await ReplaceAsync(rev: 1, "of the first"));

        Assert.Equal(["of the second"], (await DocumentLedger.DiagnosticsAsync(_connection, seen.Id, CancellationToken.None)).Select(found => found.Message));

        Task<DocumentStatus?> ReplaceAsync(int rev, string message) =>
            DocumentLedger.ReplaceDiagnosticsAsync(_connection, seen.Id, rev, [new DiagnosticRow("R-1", "Error", message, null, null, [])], CancellationToken.None);
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public async Task An_object_that_is_stored_is_never_stored_again_and_one_that_was_gone_is()
    {
        var source = new SourceRow(Guid.NewGuid(), "t", "b", "gone", "v1", "file", "gone") { ReasonCode = "SourceGone", Reason = "It was not there.", ReceivedAt = Now };
        var stored = source with { Id = Guid.NewGuid(), Status = "stored", ReasonCode = null, Reason = null };

        Assert.Equal(source.Id, await DocumentLedger.InsertSourceAsync(_connection, source, CancellationToken.None));
        Assert.Equal(source.Id, await DocumentLedger.InsertSourceAsync(_connection, stored, CancellationToken.None));
        Assert.Null(await DocumentLedger.InsertSourceAsync(_connection, stored, CancellationToken.None));
        Assert.Null(await DocumentLedger.InsertSourceAsync(_connection, source, CancellationToken.None));
        Assert.Equal(source.Id, await DocumentLedger.FindSourceAsync(_connection, "b", "gone", "v1", CancellationToken.None));
        Assert.Null(await DocumentLedger.FindSourceAsync(_connection, "b", "gone", "v2", CancellationToken.None));
    }

    [Fact]
    [Trait("Requirement", "DOC-3")]
    public async Task A_second_split_of_the_same_file_makes_no_second_set_of_children()
    {
        var parent = await StoredAsync();

        Assert.Equal(2, (await SplitAsync()).Count);
        Assert.Empty(await SplitAsync());

        Task<HashSet<Guid>> SplitAsync() => DocumentLedger.InsertAsync(_connection, [.. Enumerable.Range(1, 2).Select(ordinal =>
            new NewDocument(Guid.NewGuid(), parent.SourceId, "t", "", "a.pdf", Sha256, 1) { ParentId = parent.Id, Ordinal = ordinal, PageFirst = ordinal, PageLast = ordinal })], Now, CancellationToken.None);
    }

    [Theory]
    [InlineData("UPDATE orchestrator.document SET status = 'matched'", "ck_document_minimum_fields")]
    [InlineData("UPDATE orchestrator.document SET status = 'exported', number = '1', issue_date = now(), currency = 'EUR'", "ck_document_minimum_fields")]
    [InlineData("UPDATE orchestrator.document SET status = 'needs_review', reason_code = 'Why'", "ck_document_reason")]
    [InlineData("UPDATE orchestrator.document SET sha256 = NULL", "ck_document_file")]
    [Trait("Requirement", "DOC-5")]
    public async Task A_document_that_would_mean_nothing_is_refused(string sql, string constraint)
    {
        await StoredAsync();

        await using var command = new NpgsqlCommand(sql, _connection);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(constraint, refused.ConstraintName);
    }

    private async Task<DocumentRow> StoredAsync()
    {
        var source = new SourceRow(Guid.NewGuid(), "t", "b", "a.pdf", "v1", "file", "stored") { ReceivedAt = Now };
        await DocumentLedger.InsertSourceAsync(_connection, source, CancellationToken.None);
        var document = new NewDocument(Guid.NewGuid(), source.Id, "t", "", "a.pdf", Sha256, 1);
        await DocumentLedger.InsertAsync(_connection, [document], Now, CancellationToken.None);
        return await GetAsync(document.Id);
    }

    private async Task<DocumentRow> GetAsync(Guid id) => (await DocumentLedger.GetAsync(_connection, id, CancellationToken.None))!;

    private Task<int?> MoveAsync(DocumentRow seen, StatusChange change, bool revise = false) =>
        DocumentLedger.MoveAsync(_connection, seen, change, revise, Now, CancellationToken.None);
}
