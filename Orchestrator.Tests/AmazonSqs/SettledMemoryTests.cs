using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class SettledMemoryTests
{
    [Fact]
    [Trait("Requirement", "PROT-6")]
    public void The_last_ones_are_remembered_and_the_memory_is_bounded()
    {
        var memory = new SettledMemory(100);
        for (var i = 0; i < 1000; i++)
            memory.Add($"m{i}");

        Assert.All(Enumerable.Range(950, 50), i => Assert.True(memory.Contains($"m{i}")));
        Assert.False(memory.Contains("m0"));
    }

    [Fact]
    public void What_is_seen_again_stays()
    {
        var memory = new SettledMemory(10);
        memory.Add("kept");
        for (var i = 0; i < 100; i++)
        {
            Assert.True(memory.Contains("kept"));
            memory.Add($"m{i}");
        }
    }
}
