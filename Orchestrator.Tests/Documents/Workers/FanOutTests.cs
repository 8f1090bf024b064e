using System.Text.Json;
using Orchestrator.Persistence.Documents;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

public sealed class FanOutTests
{
    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", name);

    [Fact]
    [Trait("Requirement", "DOC-1")]
    [Trait("Requirement", "DOC-3")]
    public async Task A_file_of_22_invoices_becomes_22_children_that_are_all_worked_through()
    {
        await using var node = await DocumentNode.StartAsync();
        Assert.True((await node.ImportAsync(await File.ReadAllTextAsync(Sample("purchase-orders.csv")), "acme")).IsSuccessStatusCode);

        await node.PutFileAsync("tenants/acme/manual/22 invoices (März).pdf", Sample("22-invoices.pdf"));
        await node.SettledAsync(1);

        var parent = Assert.Single(await node.DocumentsAsync(), document => document.ParentId is null);
        Assert.Equal(DocumentStatus.Split, parent.Status);
        Assert.Equal("acme", parent.Tenant);
        var children = await node.DocumentsAsync(parent.Id);
        using var map = JsonDocument.Parse(await File.ReadAllTextAsync(Sample("22-invoices.map.json")));
        var expected = map.RootElement.GetProperty("documents").EnumerateArray().ToList();
        Assert.Equal(expected.Select(e => (e.GetProperty("first_page").GetInt32(), e.GetProperty("last_page").GetInt32())), children.Select(c => (c.PageFirst!.Value, c.PageLast!.Value)));
        Assert.Equal(expected.Select(e => e.GetProperty("invoice_number").GetString()), children.Select(c => c.Number));
        Assert.All(children, child => Assert.Contains(child.Status, new[] { DocumentStatus.Exported, DocumentStatus.NeedsReview }));
        Assert.Contains(children, child => child.Status is DocumentStatus.Exported);
        Assert.Equal(23, await node.JobsAsync("ingestion", "Succeeded"));

        var detail = await node.GetAsync($"/documents/{parent.Id}");
        Assert.Equal(22, detail.GetProperty("children").GetProperty("total").GetInt32());
        Assert.NotEqual("Open", detail.GetProperty("children").GetProperty("state").GetString());
    }
}
