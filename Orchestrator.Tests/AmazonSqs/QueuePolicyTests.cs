using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class QueuePolicyTests
{
    private const string Queue = "arn:aws:sqs:us-east-1:1:q";
    private const string Topic = "arn:aws:sns:us-east-1:1:t";

    [Fact]
    public void An_empty_policy_gets_one_statement_for_all_topics_of_the_account()
    {
        var policy = QueuePolicy.Allow(null, Queue, [Topic, "arn:aws:sns:us-east-1:1:u"])!;
        Assert.Contains("arn:aws:sns:us-east-1:1:*", policy);
        Assert.Single(System.Text.Json.Nodes.JsonNode.Parse(policy)!["Statement"]!.AsArray());
        Assert.Null(QueuePolicy.Allow(policy, Queue, [Topic]));
    }

    [Fact]
    public void Statements_of_others_are_kept()
    {
        const string foreign = """{"Version":"2008-10-17","Id":"theirs","Statement":{"Sid":"s","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"x"}}""";
        var policy = System.Text.Json.Nodes.JsonNode.Parse(QueuePolicy.Allow(foreign, Queue, [Topic])!)!;
        Assert.Equal("theirs", policy["Id"]!.GetValue<string>());
        Assert.Equal(2, policy["Statement"]!.AsArray().Count);
        Assert.Equal("Deny", policy["Statement"]![0]!["Effect"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"q","Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:sns:us-east-1:1:x","arn:aws:sns:us-east-1:1:t"]}}}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":["SQS:*"],"Resource":"q"}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:SendMessage","Resource":"q","Condition":{"StringLike":{"aws:SourceArn":"arn:aws:sns:*:1:*"}}}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::2:root"},"Action":"sqs:SendMessage","Resource":"q"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"q","Condition":{"Bool":{"aws:SecureTransport":"true"}}}""", false)]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"q"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"sqs:ReceiveMessage","Resource":"q"}""", false)]
    public void A_statement_counts_if_it_lets_the_topic_deliver(string statement, bool covers) =>
        Assert.Equal(covers, QueuePolicy.Allow($$"""{"Statement":[{{statement}}]}""", Queue, [Topic]) is null);
}
