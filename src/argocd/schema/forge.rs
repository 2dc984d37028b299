//! The generators that ask a forge for repositories and pull requests.
//!
//! Of Argo CD 3.5.1, `pkg/apis/application/v1alpha1`.

use super::Type::{Bool, Integer, List, Map, Pointer, Struct, Text};
use super::application_set::TEMPLATE;
use super::{Field, always, optional};

/// `SCMProviderGenerator`
pub(super) const SCM_PROVIDER_GENERATOR: &[Field] = &[
    optional("github", Pointer(&Struct(GITHUB_PROVIDER))),
    optional("gitlab", Pointer(&Struct(GITLAB_PROVIDER))),
    optional("bitbucket", Pointer(&Struct(BITBUCKET_PROVIDER))),
    optional("bitbucketServer", Pointer(&Struct(BITBUCKET_SERVER_PROVIDER))),
    optional("gitea", Pointer(&Struct(GITEA_PROVIDER))),
    optional("azureDevOps", Pointer(&Struct(AZURE_DEVOPS_PROVIDER))),
    optional("filters", List(&Struct(PROVIDER_FILTER))),
    optional("cloneProtocol", Text),
    optional("requeueAfterSeconds", Pointer(&Integer)),
    optional("template", Struct(TEMPLATE)),
    optional("values", Map(&Text)),
    optional("awsCodeCommit", Pointer(&Struct(AWS_CODE_COMMIT_PROVIDER))),
];

/// `SCMProviderGeneratorGithub`
const GITHUB_PROVIDER: &[Field] = &[
    always("organization", Text),
    optional("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("appSecretName", Text),
    optional("allBranches", Bool),
    optional("excludeArchivedRepos", Bool),
];

/// `SCMProviderGeneratorGitlab`
const GITLAB_PROVIDER: &[Field] = &[
    always("group", Text),
    optional("includeSubgroups", Bool),
    optional("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("allBranches", Bool),
    optional("insecure", Bool),
    optional("includeSharedProjects", Pointer(&Bool)),
    optional("topic", Text),
    optional("caRef", Pointer(&Struct(KEY_REF))),
    optional("includeArchivedRepos", Bool),
];

/// `SCMProviderGeneratorBitbucket`
const BITBUCKET_PROVIDER: &[Field] = &[
    always("owner", Text),
    always("user", Text),
    always("appPasswordRef", Pointer(&Struct(SECRET_REF))),
    optional("allBranches", Bool),
];

/// `SCMProviderGeneratorBitbucketServer`
const BITBUCKET_SERVER_PROVIDER: &[Field] = &[
    always("project", Text),
    always("api", Text),
    optional("basicAuth", Pointer(&Struct(BASIC_AUTH))),
    optional("allBranches", Bool),
    optional("bearerToken", Pointer(&Struct(BEARER_TOKEN))),
    optional("insecure", Bool),
    optional("caRef", Pointer(&Struct(KEY_REF))),
];

/// `SCMProviderGeneratorGitea`
const GITEA_PROVIDER: &[Field] = &[
    always("owner", Text),
    always("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("allBranches", Bool),
    optional("insecure", Bool),
    optional("excludeArchivedRepos", Bool),
];

/// `SCMProviderGeneratorAzureDevOps`
const AZURE_DEVOPS_PROVIDER: &[Field] = &[
    always("organization", Text),
    optional("api", Text),
    always("teamProject", Text),
    always("accessTokenRef", Pointer(&Struct(SECRET_REF))),
    optional("allBranches", Bool),
];

/// `SCMProviderGeneratorFilter`
const PROVIDER_FILTER: &[Field] = &[
    optional("repositoryMatch", Pointer(&Text)),
    optional("pathsExist", List(&Text)),
    optional("pathsDoNotExist", List(&Text)),
    optional("labelMatch", Pointer(&Text)),
    optional("branchMatch", Pointer(&Text)),
];

/// `SCMProviderGeneratorAWSCodeCommit`
const AWS_CODE_COMMIT_PROVIDER: &[Field] = &[
    optional("tagFilters", List(&Pointer(&Struct(TAG_FILTER)))),
    optional("role", Text),
    optional("region", Text),
    optional("allBranches", Bool),
];

/// `TagFilter`
const TAG_FILTER: &[Field] = &[always("key", Text), optional("value", Text)];

/// `PullRequestGenerator`
pub(super) const PULL_REQUEST_GENERATOR: &[Field] = &[
    optional("github", Pointer(&Struct(GITHUB_PULL_REQUEST))),
    optional("gitlab", Pointer(&Struct(GITLAB_PULL_REQUEST))),
    optional("gitea", Pointer(&Struct(GITEA_PULL_REQUEST))),
    optional("bitbucketServer", Pointer(&Struct(BITBUCKET_SERVER_PULL_REQUEST))),
    optional("filters", List(&Struct(PULL_REQUEST_FILTER))),
    optional("requeueAfterSeconds", Pointer(&Integer)),
    optional("template", Struct(TEMPLATE)),
    optional("bitbucket", Pointer(&Struct(BITBUCKET_PULL_REQUEST))),
    optional("azuredevops", Pointer(&Struct(AZURE_DEVOPS_PULL_REQUEST))),
    optional("values", Map(&Text)),
    optional("continueOnRepoNotFoundError", Bool),
];

/// `PullRequestGeneratorGithub`
const GITHUB_PULL_REQUEST: &[Field] = &[
    always("owner", Text),
    always("repo", Text),
    optional("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("appSecretName", Text),
    optional("labels", List(&Text)),
];

/// `PullRequestGeneratorGitLab`
const GITLAB_PULL_REQUEST: &[Field] = &[
    always("project", Text),
    optional("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("labels", List(&Text)),
    optional("pullRequestState", Text),
    optional("insecure", Bool),
    optional("caRef", Pointer(&Struct(KEY_REF))),
];

/// `PullRequestGeneratorGitea`
const GITEA_PULL_REQUEST: &[Field] = &[
    always("owner", Text),
    always("repo", Text),
    always("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("insecure", Bool),
    optional("labels", List(&Text)),
];

/// `PullRequestGeneratorBitbucketServer`
const BITBUCKET_SERVER_PULL_REQUEST: &[Field] = &[
    always("project", Text),
    always("repo", Text),
    always("api", Text),
    optional("basicAuth", Pointer(&Struct(BASIC_AUTH))),
    optional("bearerToken", Pointer(&Struct(BEARER_TOKEN))),
    optional("insecure", Bool),
    optional("caRef", Pointer(&Struct(KEY_REF))),
];

/// `PullRequestGeneratorBitbucket`
const BITBUCKET_PULL_REQUEST: &[Field] = &[
    always("owner", Text),
    always("repo", Text),
    optional("api", Text),
    optional("basicAuth", Pointer(&Struct(BASIC_AUTH))),
    optional("bearerToken", Pointer(&Struct(BEARER_TOKEN))),
];

/// `PullRequestGeneratorAzureDevOps`
const AZURE_DEVOPS_PULL_REQUEST: &[Field] = &[
    always("organization", Text),
    always("project", Text),
    always("repo", Text),
    optional("api", Text),
    optional("tokenRef", Pointer(&Struct(SECRET_REF))),
    optional("labels", List(&Text)),
];

/// `PullRequestGeneratorFilter`
const PULL_REQUEST_FILTER: &[Field] = &[
    optional("branchMatch", Pointer(&Text)),
    optional("targetBranchMatch", Pointer(&Text)),
    optional("titleMatch", Pointer(&Text)),
];

/// `SecretRef`
const SECRET_REF: &[Field] = &[always("secretName", Text), always("key", Text)];

/// `ConfigMapKeyRef`
const KEY_REF: &[Field] = &[always("configMapName", Text), always("key", Text)];

/// `BasicAuthBitbucketServer`
const BASIC_AUTH: &[Field] = &[always("username", Text), always("passwordRef", Pointer(&Struct(SECRET_REF)))];

/// `BearerTokenBitbucket`
const BEARER_TOKEN: &[Field] = &[always("tokenRef", Pointer(&Struct(SECRET_REF)))];
