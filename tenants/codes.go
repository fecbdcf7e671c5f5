package tenants

import (
	"maps"
	"slices"
)

// Code identifies a kind of problem. Codes are never reused.
type Code string

// The codes, each described in docs/config-errors.md.
const (
	CodeYAMLSyntax      Code = "yaml-syntax"
	CodeDuplicateKey    Code = "duplicate-key"
	CodeUnknownTag      Code = "unknown-tag"
	CodeFileTooLarge    Code = "file-too-large"
	CodeScalarTooLong   Code = "scalar-too-long"
	CodeTooDeep         Code = "too-deep"
	CodeTooManyNodes    Code = "too-many-nodes"
	CodeTooManyProblems Code = "too-many-problems"

	CodeNotAList        Code = "not-a-list"
	CodeUnknownObject   Code = "unknown-object"
	CodeUnknownKey      Code = "unknown-key"
	CodeMissingKey      Code = "missing-key"
	CodeWrongType       Code = "wrong-type"
	CodeBadValue        Code = "bad-value"
	CodeBadRegex        Code = "bad-regex"
	CodeRegexTooLarge   Code = "regex-too-large"
	CodeRegexDeprecated Code = "regex-deprecated"
	CodeBadVariable     Code = "bad-variable"

	CodeDuplicateTenant         Code = "duplicate-tenant"
	CodeDuplicateProject        Code = "duplicate-project"
	CodeUnknownConnection       Code = "unknown-connection"
	CodeBadConfigPath           Code = "bad-config-path"
	CodeGlobalSemaphoreNotFound Code = "global-semaphore-not-found"
	CodeProjectNotFound         Code = "project-not-found"
	CodeAmbiguousProject        Code = "ambiguous-project"
	CodeConfiguresTrusted       Code = "configures-config-project"
	CodeMissingProject          Code = "missing-project"

	CodeMultipleConfigurations Code = "multiple-configurations"
	CodePipelineForbidden      Code = "pipeline-forbidden"
	CodeProjectForbidden       Code = "project-forbidden"
	CodeBaseJobForbidden       Code = "base-job-forbidden"
	CodeDuplicateDefinition    Code = "duplicate-definition"
	CodeDifferingDefinition    Code = "differing-definition"
	CodeShadowsGlobal          Code = "shadows-global-semaphore"
	CodeJobRedefinition        Code = "job-redefinition"
	CodeJobNotFound            Code = "job-not-found"
	CodeNoBaseJob              Code = "no-base-job"
	CodeInheritanceCycle       Code = "inheritance-cycle"
	CodeBadParent              Code = "bad-parent"
	CodeTemplateNotFound       Code = "template-not-found"
	CodePipelineNotFound       Code = "pipeline-not-found"
	CodeUnknownPipeline        Code = "unknown-pipeline"
	CodeNodesetNotFound        Code = "nodeset-not-found"
	CodeNodesetCycle           Code = "nodeset-cycle"
	CodeDuplicateNode          Code = "duplicate-node"
	CodeDuplicateGroup         Code = "duplicate-group"
	CodeNodeNotFound           Code = "node-not-found"
	CodeTooManyNodesInJob      Code = "max-nodes-exceeded"
	CodeMaxTimeout             Code = "max-timeout-exceeded"
	CodeLabelForbidden         Code = "label-forbidden"
	CodeSecretNotFound         Code = "secret-not-found"
	CodeImageNotFound          Code = "image-not-found"
	CodeFlavorNotFound         Code = "flavor-not-found"
	CodeLabelNotFound          Code = "label-not-found"
	CodeSectionNotFound        Code = "section-not-found"
	CodeBadSection             Code = "bad-section"
	CodeCannotFreeze           Code = "cannot-freeze"
	CodeNeedsConfigChange      Code = "needs-config-project-change"

	CodeRuleNotFound        Code = "rule-not-found"
	CodeUncheckedConnection Code = "unchecked-connection"

	CodeUnsupportedDriver Code = "unsupported-driver"
	CodeIdleAttribute     Code = "idle-attribute"
	CodeIdleObject        Code = "idle-object"
	CodeSecretNotGiven    Code = "secret-not-given"
	CodeCleanupRun        Code = "cleanup-run"
)

// codeNames gives the short name that Zuul's API shows of every code.
var codeNames = map[Code]string{
	CodeYAMLSyntax:              "Configuration Syntax Error",
	CodeDuplicateKey:            "Configuration Syntax Error",
	CodeUnknownTag:              "Configuration Syntax Error",
	CodeFileTooLarge:            "Configuration Too Large",
	CodeScalarTooLong:           "Configuration Too Large",
	CodeTooDeep:                 "Configuration Too Large",
	CodeTooManyNodes:            "Configuration Too Large",
	CodeTooManyProblems:         "Configuration Too Large",
	CodeNotAList:                "Configuration Syntax Error",
	CodeUnknownObject:           "Configuration Syntax Error",
	CodeUnknownKey:              "Configuration Syntax Error",
	CodeMissingKey:              "Configuration Syntax Error",
	CodeWrongType:               "Configuration Syntax Error",
	CodeBadValue:                "Configuration Syntax Error",
	CodeBadRegex:                "Regex Error",
	CodeRegexTooLarge:           "Regex Error",
	CodeRegexDeprecated:         "Regex Deprecation",
	CodeBadVariable:             "Variable Name Error",
	CodeDuplicateTenant:         "Duplicate Tenant",
	CodeBadConfigPath:           "Configuration Syntax Error",
	CodeAmbiguousProject:        "Ambiguous Project",
	CodeConfiguresTrusted:       "Project Forbidden",
	CodeDuplicateProject:        "Duplicate Project",
	CodeUnknownConnection:       "Unknown Connection",
	CodeGlobalSemaphoreNotFound: "Global Semaphore Not Found",
	CodeProjectNotFound:         "Project Not Found",
	CodeMissingProject:          "Project Not Found",
	CodeMultipleConfigurations:  "Multiple Project Configurations",
	CodePipelineForbidden:       "Pipeline Forbidden",
	CodeProjectForbidden:        "Project Forbidden",
	CodeBaseJobForbidden:        "Base Job Forbidden",
	CodeDuplicateDefinition:     "Duplicate Definition",
	CodeDifferingDefinition:     "Duplicate Definition",
	CodeShadowsGlobal:           "Semaphore Shadows Global",
	CodeJobRedefinition:         "Job Redefinition",
	CodeJobNotFound:             "Job Not Found",
	CodeNoBaseJob:               "Job Not Found",
	CodeInheritanceCycle:        "Job Inheritance Cycle",
	CodeBadParent:               "Job Inheritance Error",
	CodeTemplateNotFound:        "Template Not Found",
	CodePipelineNotFound:        "Pipeline Not Found",
	CodeUnknownPipeline:         "Pipeline Not Found",
	CodeNodesetNotFound:         "Nodeset Not Found",
	CodeNodesetCycle:            "Nodeset Cycle",
	CodeDuplicateNode:           "Duplicate Node",
	CodeDuplicateGroup:          "Duplicate Nodeset Group",
	CodeNodeNotFound:            "Node From Group Not Found",
	CodeTooManyNodesInJob:       "Max Nodes Exceeded",
	CodeMaxTimeout:              "Max Timeout Exceeded",
	CodeLabelForbidden:          "Label Forbidden",
	CodeSecretNotFound:          "Secret Not Found",
	CodeImageNotFound:           "Image Not Found",
	CodeFlavorNotFound:          "Flavor Not Found",
	CodeLabelNotFound:           "Label Not Found",
	CodeSectionNotFound:         "Section Not Found",
	CodeBadSection:              "Section Error",
	CodeCannotFreeze:            "Job Graph Error",
	CodeNeedsConfigChange:       "Config Project Change Needed",
	CodeRuleNotFound:            "Authorization Rule Not Found",
	CodeUncheckedConnection:     "Unchecked Connection",
	CodeUnsupportedDriver:       "Unsupported Driver",
	CodeIdleAttribute:           "Unsupported Attribute",
	CodeIdleObject:              "Unsupported Object",
	CodeSecretNotGiven:          "Unsupported Attribute",
	CodeCleanupRun:              "Cleanup Run Deprecation",
}

// warningCodes are the codes that leave the object in use.
var warningCodes = map[Code]bool{
	CodeMultipleConfigurations: true,
	CodeUnknownPipeline:        true,
	CodeMissingProject:         true,
	CodeUnsupportedDriver:      true,
	CodeNoBaseJob:              true,
	CodeCannotFreeze:           true,
	CodeUncheckedConnection:    true,
	CodeRuleNotFound:           true,
	CodeIdleAttribute:          true,
	CodeIdleObject:             true,
	CodeSecretNotGiven:         true,
	CodeCleanupRun:             true,
	CodeRegexDeprecated:        true,
}

func (c Code) name() string {
	return codeNames[c]
}

func (c Code) severity() Severity {
	if warningCodes[c] {
		return Warning
	}
	return Error
}

// Codes lists every code in no particular order.
func Codes() []Code { return slices.Collect(maps.Keys(codeNames)) }
